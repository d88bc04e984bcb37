//! The slot through which a handler asks and is answered.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use super::{Effect, Outcome};

/// One exchange's mailbox, shared by its handler and its driver.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    /// Nothing is asked.
    #[default]
    Idle,
    /// The handler asks; the driver has not seen it yet.
    Asked(Effect),
    /// The driver has it.
    Pending(&'static str),
    /// The driver has answered; the handler has not seen it yet.
    Answered(Outcome),
    /// The rules were broken; nothing more happens in this exchange.
    Poisoned(&'static str),
}

const TWO_ASKS: &str = "a handler asked a second thing while the first was open";
const DROPPED_ASK: &str = "a handler dropped what it had asked before the answer came";
const WRONG_ANSWER: &str = "the driver answered something else than was asked";
const UNASKED_ANSWER: &str = "the driver answered although nothing was asked";
pub(crate) const FOREIGN_AWAIT: &str = "a handler awaited something that is not an effect";

impl Slot {
    /// A future that asks for `effect` and is ready when it is answered.
    pub(crate) fn ask(&self, effect: Effect) -> Ask {
        Ask { slot: self.clone(), phase: Phase::Unasked(Some(effect)) }
    }

    /// Takes the open question out, for the driver.
    pub(crate) fn question(&self) -> Result<Effect, &'static str> {
        self.with(|state| match std::mem::take(state) {
            State::Asked(effect) => {
                *state = State::Pending(effect.name());
                Ok(effect)
            }
            State::Poisoned(why) => {
                *state = State::Poisoned(why);
                Err(why)
            }
            State::Idle | State::Pending(_) | State::Answered(_) => {
                *state = State::Poisoned(FOREIGN_AWAIT);
                Err(FOREIGN_AWAIT)
            }
        })
    }

    /// Puts the answer in, for the handler.
    pub(crate) fn answer(&self, outcome: Outcome) {
        self.with(|state| {
            *state = match std::mem::take(state) {
                State::Pending(name) if name == outcome.name() => State::Answered(outcome),
                State::Pending(_) => State::Poisoned(WRONG_ANSWER),
                State::Poisoned(why) => State::Poisoned(why),
                State::Idle | State::Asked(_) | State::Answered(_) => State::Poisoned(UNASKED_ANSWER),
            };
        });
    }

    /// Why the exchange was given up, if it was.
    pub(crate) fn poison(&self) -> Option<&'static str> {
        self.with(|state| match state {
            State::Poisoned(why) => Some(*why),
            _ => None,
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A question in flight.
#[must_use = "nothing is asked until this is awaited"]
pub(crate) struct Ask {
    slot: Slot,
    phase: Phase,
}

enum Phase {
    Unasked(Option<Effect>),
    Waiting,
    Done,
}

impl Future for Ask {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        let this = &mut *self;
        match &mut this.phase {
            Phase::Unasked(effect) => {
                let effect = effect.take();
                this.phase = Phase::Waiting;
                this.slot.with(|state| {
                    *state = match (std::mem::take(state), effect) {
                        (State::Idle, Some(effect)) => State::Asked(effect),
                        (State::Poisoned(why), _) => State::Poisoned(why),
                        _ => State::Poisoned(TWO_ASKS),
                    };
                });
                Poll::Pending
            }
            Phase::Waiting => {
                let answer = this.slot.with(|state| match std::mem::take(state) {
                    State::Answered(outcome) => Some(outcome),
                    other => {
                        *state = other;
                        None
                    }
                });
                match answer {
                    Some(outcome) => {
                        this.phase = Phase::Done;
                        Poll::Ready(outcome)
                    }
                    None => Poll::Pending,
                }
            }
            Phase::Done => Poll::Pending,
        }
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        if matches!(self.phase, Phase::Waiting) {
            self.slot.with(|state| {
                if !matches!(state, State::Poisoned(_)) {
                    *state = State::Poisoned(DROPPED_ASK);
                }
            });
        }
    }
}
