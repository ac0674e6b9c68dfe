//! Values that open something: hidden until the person wants to see them.

use leptos::prelude::*;

use crate::components::elements::{
    attribute, button, dynamic, dynamic_attribute, element, group, mark, text,
};
use crate::demo::recording::NOT_KEPT;
use crate::demo::words::Words;

/// What stands there instead.
const MASK: &str = "••••••••••••";

/// Which secrets are shown.
#[derive(Clone, Copy)]
pub(super) struct Secrets {
    words: Words,
    all: RwSignal<bool>,
}

impl Secrets {
    /// All are hidden.
    pub(super) fn new(words: Words) -> Self {
        Self { words, all: RwSignal::new(false) }
    }

    /// The language that is spoken.
    pub(super) const fn words(self) -> Words {
        self.words
    }

    /// The button that shows all of them, and hides them again.
    pub(super) fn show_all(self) -> AnyView {
        let (words, all) = (self.words, self.all);
        let label = dynamic(move || {
            text(match all.get() {
                true => words.say("Hide all secrets", "秘密の値をすべて隠す"),
                false => words.say("Show all secrets", "秘密の値をすべて表示"),
            })
        });
        let more = vec![attribute("class", "quiet"), pressed(all)];
        button("show-all", label, more, move |_| all.update(|shown| *shown = !*shown))
    }

    /// A secret, and the button that shows it.
    pub(super) fn value(self, name: &str, value: &str) -> AnyView {
        let words = self.words;
        if value == NOT_KEPT {
            let why = words.say("not kept while you were away", "離れている間は保管されません");
            return element("span", vec![attribute("class", "note")], vec![text(why)]);
        }
        let (value, all) = (value.to_owned(), self.all);
        let shown = RwSignal::new(all.get_untracked());
        // Whoever shows or hides all of them means this one, too.
        Effect::new(move |_| shown.set(all.get()));
        let attributes = vec![
            mark("secret"),
            dynamic_attribute("class", move || {
                Some(if shown.get() { "value" } else { "value masked" }.to_owned())
            }),
        ];
        let content =
            dynamic(move || text(if shown.get() { value.clone() } else { MASK.to_owned() }));
        let about = [" ", name].concat();
        let label = dynamic(move || {
            text(match shown.get() {
                true => words.say("Hide", "隠す"),
                false => words.say("Show", "表示"),
            })
        });
        let about = element("span", vec![attribute("class", "unseen")], vec![text(about)]);
        let more = vec![attribute("class", "quiet"), pressed(shown)];
        let toggle = move |_| shown.update(|shown| *shown = !*shown);
        group(vec![
            element("code", attributes, vec![content]),
            button("show", group(vec![label, about]), more, toggle),
        ])
    }
}

fn pressed(shown: RwSignal<bool>) -> leptos::attr::any_attribute::AnyAttribute {
    dynamic_attribute("aria-pressed", move || Some(shown.get().to_string()))
}
