use crate::client::session::turn::{Answer, End, Found, Step, Turn, Written};

fn shared() -> Turn {
    let (turn, step) = Turn::begin(3, true);
    assert_eq!((step, turn.locked(true)), (Step::Lock, Step::Read));
    turn
}

#[test]
fn r65_who_has_the_lock_renews_what_nobody_has_renewed() {
    let mut turn = shared();
    assert_eq!(turn.read(Found::Kept(3), false), Step::Send);
    assert_eq!(turn.answered(Answer::Tokens), Step::Write(4));
    assert_eq!(turn.written(Written::Kept), Step::End(End::Renewed));
}

#[test]
fn r65_what_another_tab_renewed_is_adopted() {
    let mut turn = shared();
    assert_eq!(turn.read(Found::Kept(5), false), Step::Adopt);
    assert_eq!(turn.adopted(false), Step::End(End::Adopted));
    // It may be old by now.
    let mut turn = shared();
    turn.read(Found::Kept(5), false);
    assert_eq!(turn.adopted(true), Step::Send);
    assert_eq!(turn.answered(Answer::Tokens), Step::Write(6));
}

#[test]
fn r66_another_tab_that_signed_out_is_obeyed() {
    assert_eq!(shared().read(Found::Gone, false), Step::End(End::SignedOut));
    let mut turn = shared();
    turn.read(Found::Kept(3), false);
    turn.answered(Answer::Tokens);
    assert_eq!(turn.written(Written::Gone), Step::End(End::SignedOut));
}

#[test]
fn r66_the_end_is_believed_only_when_no_other_tab_was_faster() {
    let mut turn = shared();
    turn.read(Found::Kept(3), false);
    assert_eq!(turn.answered(Answer::Over), Step::Read);
    assert_eq!(turn.read(Found::Kept(3), false), Step::Remove(End::Over));

    let mut turn = shared();
    turn.read(Found::Kept(3), false);
    turn.answered(Answer::Over);
    assert_eq!(turn.read(Found::Kept(4), false), Step::Adopt);
    assert_eq!(turn.adopted(true), Step::End(End::Adopted), "and nothing is sent once more");

    let mut turn = shared();
    turn.read(Found::Unreadable, true);
    turn.answered(Answer::Over);
    assert_eq!(turn.read(Found::Unreadable, false), Step::Remove(End::Over));
}

#[test]
fn a_fault_changes_nothing() {
    let mut turn = shared();
    turn.read(Found::Kept(3), false);
    assert_eq!(turn.answered(Answer::Fault), Step::End(End::Failed));
}

#[test]
fn t91_where_nothing_can_be_kept_the_session_goes_on_alone() {
    let mut turn = shared();
    assert_eq!(turn.read(Found::Unreadable, true), Step::Send);
    turn.answered(Answer::Tokens);
    assert_eq!(turn.written(Written::Failed), Step::Remove(End::Detached));
    assert_eq!(turn.removed(End::Detached, true), Step::End(End::Detached));
}

#[test]
fn r65_a_spent_token_that_can_not_be_removed_keeps_the_lock() {
    assert_eq!(shared().removed(End::Over, false), Step::KeepRemoving(End::Over));
}

#[test]
fn r65_what_cannot_be_read_is_not_renewed_blindly() {
    assert_eq!(shared().read(Found::Unreadable, false), Step::End(End::Failed));
}

#[test]
fn a_lock_that_another_tab_does_not_let_go_is_not_taken_from_it() {
    assert_eq!(shared().locked(false), Step::End(End::Failed));
}

#[test]
fn a_session_in_memory_needs_no_lock() {
    let (mut turn, step) = Turn::begin(0, false);
    assert_eq!(step, Step::Send);
    assert_eq!(turn.answered(Answer::Tokens), Step::End(End::Renewed));
    assert_eq!(turn.answered(Answer::Over), Step::End(End::Over));
}
