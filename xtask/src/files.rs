//! Folders of files, and temporary ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result, create_folder};

/// All files of a folder and of those in it, in order.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context(folder.display())? {
            let path = entry.context(folder.display())?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies all files of a folder, with those of the folders in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in below(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        create_folder(target.parent().unwrap_or(to))?;
        fs::copy(&file, &target).context(file.display())?;
    }
    Ok(())
}

/// Puts the files of one folder in the place of those of another, and removes the first. Pages come last
/// and old files go after that, so that whoever is served meanwhile finds what a page refers to.
pub fn replace(from: &Path, to: &Path) -> Result<()> {
    create_folder(to)?;
    let old = below(to)?;
    let mut new = below(from)?;
    new.sort_by_key(|file| file.extension().is_some_and(|ending| ending == "html"));
    let target = |file: &PathBuf| to.join(file.strip_prefix(from).unwrap_or(file));
    for file in &new {
        let target = target(file);
        create_folder(target.parent().unwrap_or(to))?;
        fs::rename(file, &target).context(file.display())?;
    }
    let kept: Vec<PathBuf> = new.iter().map(target).collect();
    for file in old.iter().filter(|file| !kept.contains(file)) {
        fs::remove_file(file).context(file.display())?;
    }
    fs::remove_dir_all(from).context(from.display())
}

/// A folder in the system's own place for what is for one use.
pub fn temporary_folder(purpose: &str) -> Result<PathBuf> {
    let name = format!("pixy-login-{purpose}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    create_folder(&folder)?;
    Ok(folder)
}

/// Removes such a folder; one that can't be removed is no reason to stop.
pub fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{read_text, write};

    #[test]
    fn a_folder_takes_the_place_of_another() {
        let folder = std::env::temp_dir().join(format!("pixy-login-files-{}", std::process::id()));
        let (old, new) = (folder.join("old"), folder.join("new"));
        for (folder, names) in
            [(&old, ["index.html", "app-1.js"]), (&new, ["index.html", "sub/app-2.js"])]
        {
            create_folder(&folder.join("sub")).unwrap();
            for name in names {
                write(&folder.join(name), folder.to_string_lossy().as_bytes()).unwrap();
            }
        }
        replace(&new, &old).unwrap();
        let files = below(&old).unwrap();
        assert_eq!(files, [old.join("index.html"), old.join("sub/app-2.js")]);
        assert_eq!(read_text(&old.join("index.html")).unwrap(), new.to_string_lossy());
        assert!(!new.exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
