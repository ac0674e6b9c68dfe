//! One renewal, step by step, when other tabs may hold the same refresh token: who has the lock reads what
//! is kept, and renews only what nobody has renewed meanwhile. A refresh token that is sent twice looks
//! stolen (RFC 9700 section 4.14.2).

use crate::client::tabs::message::Generation;

/// What to do next. What came of it is told by the method of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Wait for the session's lock; then [`Turn::locked`].
    Lock,
    /// Read what is kept; then [`Turn::read`].
    Read,
    /// Go on with the tokens that were read; then [`Turn::adopted`].
    Adopt,
    /// Ask the provider, and wait for its answer, however long it takes; then [`Turn::answered`].
    Send,
    /// Keep the new tokens, if the session is still kept; then [`Turn::written`].
    Write(Generation),
    /// Forget what is kept; then [`Turn::removed`].
    Remove(End),
    /// Go on with that, and let go of the lock only when it is done; then end so.
    KeepRemoving(End),
    /// Let go of the lock. That was it.
    End(End),
}

/// How a renewal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// With new tokens: the others are to hear of it.
    Renewed,
    /// With new tokens that could not be kept: they are of this tab alone.
    Detached,
    /// With the tokens of another tab.
    Adopted,
    /// Another tab has signed out. What the provider gave meanwhile is handed back.
    SignedOut,
    /// The provider has ended the session: the others are to hear of it.
    Over,
    /// With nothing: another time.
    Failed,
}

/// What was found where the session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// Tokens of this generation.
    Kept(Generation),
    /// None: somebody signed out.
    Gone,
    /// It can't be read.
    Unreadable,
}

/// What the provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    /// New tokens.
    Tokens,
    /// That the session is over.
    Over,
    /// Something else, or nothing.
    Fault,
}

/// Whether the new tokens were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Written {
    /// They were.
    Kept,
    /// They were not: the session is not kept any more.
    Gone,
    /// The browser did not do it.
    Failed,
}

/// One renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Turn {
    generation: Generation,
    is_shared: bool,
    /// The provider said that it is over; perhaps only because another tab was faster.
    is_doubted: bool,
}

impl Turn {
    /// Begins to renew tokens of this generation; `is_shared` when they are kept where other tabs find
    /// them.
    pub(super) const fn begin(generation: Generation, is_shared: bool) -> (Self, Step) {
        let step = if is_shared { Step::Lock } else { Step::Send };
        (Self { generation, is_shared, is_doubted: false }, step)
    }

    /// The generation of the tokens that it is about.
    pub(super) const fn generation(&self) -> Generation {
        self.generation
    }

    /// The lock is held, or another tab has it for longer than any renewal takes: it may be asleep.
    pub(super) const fn locked(&self, is_held: bool) -> Step {
        if is_held { Step::Read } else { Step::End(End::Failed) }
    }

    /// What is kept was read; `may_guess` when it could not be for so long that it is done without.
    pub(super) fn read(&mut self, found: Found, may_guess: bool) -> Step {
        match found {
            Found::Kept(generation) if generation > self.generation => {
                self.generation = generation;
                Step::Adopt
            }
            Found::Gone => Step::End(End::SignedOut),
            _ if self.is_doubted => Step::Remove(End::Over),
            // Another tab may have spent this tab's refresh token.
            Found::Unreadable if !may_guess => Step::End(End::Failed),
            Found::Kept(_) | Found::Unreadable => Step::Send,
        }
    }

    /// The tokens that were read are this tab's own; `is_worn` when they, too, are to be renewed.
    pub(super) const fn adopted(&mut self, is_worn: bool) -> Step {
        if is_worn && !self.is_doubted { Step::Send } else { Step::End(End::Adopted) }
    }

    /// The provider has answered.
    pub(super) const fn answered(&mut self, answer: Answer) -> Step {
        match (answer, self.is_shared) {
            (Answer::Fault, _) => Step::End(End::Failed),
            (Answer::Tokens, false) => Step::End(End::Renewed),
            (Answer::Over, false) => Step::End(End::Over),
            (Answer::Tokens, true) => {
                self.generation += 1;
                Step::Write(self.generation)
            }
            (Answer::Over, true) => {
                self.is_doubted = true;
                Step::Read
            }
        }
    }

    /// The new tokens were to be kept.
    pub(super) const fn written(&self, written: Written) -> Step {
        match written {
            Written::Kept => Step::End(End::Renewed),
            Written::Gone => Step::End(End::SignedOut),
            // What is kept is spent: nobody may find it.
            Written::Failed => Step::Remove(End::Detached),
        }
    }

    /// What is kept was to be forgotten.
    pub(super) const fn removed(&self, end: End, is_removed: bool) -> Step {
        if is_removed { Step::End(end) } else { Step::KeepRemoving(end) }
    }
}
