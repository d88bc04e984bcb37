//! One request in flight.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Response, StatusCode, header};

use super::{Effect, Outcome, ask::Slot};

type Task = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// One request in flight: step it, perform what it asks, supply the outcome, until it responds.
///
/// It owns all it needs, is `Send`, and needs no runtime. Dropping it at any point is a client hanging up: what has been
/// performed stays, nothing more happens.
///
/// Breaking the rules (a driver that answers the wrong thing, a handler that awaits something else than an effect) ends the
/// exchange with a 500 and a log line that says which rule.
pub struct Exchange {
    task: Option<Task>,
    slot: Slot,
}

/// What an [`Exchange`] wants next.
#[derive(Debug)]
pub enum Step {
    /// Perform this, then [`supply`](Exchange::supply) the outcome and step again.
    Perform(Effect),
    /// The response. The exchange is over.
    Respond(Response<Bytes>),
}

impl Exchange {
    pub(crate) fn new(slot: Slot, task: Task) -> Self {
        Self { task: Some(task), slot }
    }

    /// An exchange that runs `handler`, which asks through the slot it is given.
    pub(crate) fn start<F>(handler: impl FnOnce(Slot) -> F) -> Self
    where
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let slot = Slot::default();
        Self::new(slot.clone(), Box::pin(handler(slot)))
    }

    /// An exchange that is over before it begins.
    pub(crate) fn respond(response: Response<Bytes>) -> Self {
        Self::new(Slot::default(), Box::pin(std::future::ready(response)))
    }

    /// Runs the handler until it asks for something or responds.
    pub fn step(&mut self) -> Step {
        let Some(task) = self.task.as_mut() else {
            return Step::Respond(broken("the exchange was stepped after its response"));
        };
        let mut context = Context::from_waker(Waker::noop());
        match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut context))) {
            Ok(Poll::Ready(response)) => {
                self.task = None;
                Step::Respond(self.slot.poison().map_or(response, broken))
            }
            Ok(Poll::Pending) => match self.slot.question() {
                Ok(effect) => Step::Perform(effect),
                Err(why) => self.give_up(why),
            },
            Err(_) => self.give_up("a handler panicked"),
        }
    }

    /// Hands over the outcome of the effect that the last [`step`](Self::step) asked for.
    pub fn supply(&mut self, outcome: Outcome) {
        self.slot.answer(outcome);
    }

    fn give_up(&mut self, why: &'static str) -> Step {
        self.task = None;
        Step::Respond(broken(why))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("over", &self.task.is_none()).finish_non_exhaustive()
    }
}

fn broken(why: &'static str) -> Response<Bytes> {
    tracing::error!(why, "exchange given up");
    let mut response =
        Response::new(Bytes::from_static(br#"{"message":"Internal Server Error","code":"INTERNAL_SERVER_ERROR"}"#));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Query, Rows};

    fn exchange<F>(handler: impl FnOnce(Slot) -> F) -> Exchange
    where
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let slot = Slot::default();
        Exchange::new(slot.clone(), Box::pin(handler(slot)))
    }

    fn read(slot: &Slot) -> super::super::ask::Ask {
        slot.ask(Effect::Read(Query::all("t")))
    }

    fn status(step: Step) -> StatusCode {
        match step {
            Step::Respond(response) => response.status(),
            Step::Perform(effect) => panic!("asked for {}", effect.name()),
        }
    }

    #[test]
    fn asks_are_answered_in_turn() {
        let mut exchange = exchange(|slot| async move {
            let mut found = 0;
            for _ in 0..3 {
                if let Outcome::Read(Ok(rows)) = read(&slot).await {
                    found += rows.count;
                }
            }
            Response::new(Bytes::from(found.to_string()))
        });
        for count in 1..=3 {
            assert!(matches!(exchange.step(), Step::Perform(Effect::Read(_))));
            exchange.supply(Outcome::Read(Ok(Rows::counted(count))));
        }
        let Step::Respond(response) = exchange.step() else { panic!("not over") };
        assert_eq!(response.body(), "6");
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_foreign_await_is_an_error_not_a_hang() {
        let mut exchange = exchange(|_| async {
            std::future::pending::<()>().await;
            Response::new(Bytes::new())
        });
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn two_asks_at_once_are_an_error() {
        let mut exchange = exchange(|slot| async move {
            let mut first = Box::pin(read(&slot));
            let mut second = Box::pin(read(&slot));
            std::future::poll_fn(|cx| {
                let _ = first.as_mut().poll(cx);
                let _ = second.as_mut().poll(cx);
                Poll::<()>::Pending
            })
            .await;
            Response::new(Bytes::new())
        });
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_dropped_ask_is_an_error() {
        let mut exchange = exchange(|slot| async move {
            let mut ask = Box::pin(read(&slot));
            std::future::poll_fn(|cx| Poll::Ready(ask.as_mut().poll(cx).is_pending())).await;
            drop(ask);
            Response::new(Bytes::new())
        });
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn the_wrong_answer_is_an_error() {
        let mut exchange = exchange(|slot| async move {
            let _ = read(&slot).await;
            Response::new(Bytes::new())
        });
        assert!(matches!(exchange.step(), Step::Perform(_)));
        exchange.supply(Outcome::Emit);
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_panic_is_an_error_response() {
        let mut exchange = exchange(|_| async { panic!("a bug") });
        assert_eq!(status(exchange.step()), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn an_exchange_can_move_between_threads() {
        fn send<T: Send + 'static>() {}
        send::<Exchange>();
    }
}
