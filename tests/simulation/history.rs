//! What happens, as data: a history is drawn from its seed alone, so that any part of it can be left out and the rest still runs.

use crate::{actions, dice::Dice, setting::Setting};

/// How many requests a history has, at least.
pub(crate) const REQUESTS: usize = 50;

/// At most how many requests are left in flight while others begin.
const OPEN: usize = 5;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// One thing that happens. Numbers that name a request in flight are taken modulo how many there are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Move {
    /// A client begins a request.
    Ask(Ask),
    /// One effect of a request in flight is performed.
    Step { pick: usize, fault: Fault },
    /// A request in flight goes on to its end.
    Finish { pick: usize },
    /// A client hangs up.
    HangUp { pick: usize },
    /// What was done behind a lost reply, late, is done now.
    Land,
    /// Time passes.
    Advance { millis: i64 },
    /// A server's clock is put wrong.
    Skew { engine: usize, millis: i64 },
    /// A server dies with its requests, and comes back having forgotten what it counted.
    Kill { engine: usize },
    /// The database loses its connections and what it had not acknowledged.
    Crash,
    /// Both stores write what they have to disk.
    Sync,
    /// The power fails everywhere, and the disks had lied: both stores are as at the last `Sync`.
    Lie,
    /// Secondary storage loses everything.
    LoseCache,
    /// A server removes what has expired.
    Sweep { engine: usize },
}

/// A request to come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    /// Who asks.
    pub(crate) client: usize,
    /// Which server.
    pub(crate) engine: usize,
    /// What, in the table of actions.
    pub(crate) action: usize,
    /// All that is left to chance in it.
    pub(crate) dice: u64,
    /// Whether nothing else happens until it is answered.
    pub(crate) at_once: bool,
}

/// What befalls one effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It fails and nothing is done.
    Refused,
    /// It is done, and the answer is lost.
    ReplyLost,
    /// The answer is lost, and it is done later.
    Late,
}

/// The history of `seed`.
pub(crate) fn draw(seed: u64, setting: &Setting) -> Vec<Move> {
    let mut dice = Dice::new(seed ^ 0x0005_1a11_57a7_e5ed);
    let mut moves = Vec::new();
    let (mut asked, mut open) = (0, 0);
    while asked < REQUESTS {
        if open > 0 && dice.chance(80) {
            let fault = if setting.faults && dice.chance(4) { fault(&mut dice) } else { Fault::None };
            moves.push(Move::Step { pick: dice.below(OPEN), fault });
        } else if open >= OPEN || (open > 0 && dice.chance(15)) {
            moves.push(Move::Finish { pick: dice.below(OPEN) });
            open -= 1;
        } else if dice.chance(20) {
            moves.extend(happening(&mut dice, setting));
        } else {
            let mut ask = ask(&mut dice, setting);
            if asked < 3 {
                // Somebody has to be there before anything else can work.
                ask.action = 0;
            }
            if !ask.at_once && dice.chance(30) {
                // The same once more, at another server: one of them has to lose.
                let engine = dice.below(setting.engines);
                moves.push(Move::Ask(Ask { engine, ..ask.clone() }));
                (asked, open) = (asked + 1, open + 1);
            }
            (asked, open) = (asked + 1, open + usize::from(!ask.at_once));
            moves.push(Move::Ask(ask));
        }
    }
    moves
}

fn ask(dice: &mut Dice, setting: &Setting) -> Ask {
    let (action, _) = dice.weighted(actions::all(), |action| action.weight);
    let (client, engine) = (dice.below(setting.clients), dice.below(setting.engines));
    Ask { client, engine, action, dice: dice.next(), at_once: dice.chance(50) }
}

fn fault(dice: &mut Dice) -> Fault {
    [Fault::Refused, Fault::ReplyLost, Fault::Late][dice.below(3)]
}

/// Something that no client does.
fn happening(dice: &mut Dice, setting: &Setting) -> Option<Move> {
    let engine = dice.below(setting.engines);
    let chance = dice.below(100);
    Some(match chance {
        0..45 => Move::Advance { millis: passing(dice) },
        45..55 => Move::Sweep { engine },
        55..65 => Move::Sync,
        65..75 => Move::HangUp { pick: dice.below(OPEN) },
        75..85 if setting.skew > 0 => {
            let width = usize::try_from(2 * setting.skew).unwrap_or(0);
            Move::Skew { engine, millis: i64::try_from(dice.below(width)).unwrap_or(0) - setting.skew }
        }
        _ if !setting.faults => return None,
        85..88 => Move::Kill { engine },
        88..91 => Move::Crash,
        91..93 => Move::Lie,
        93..95 => Move::LoseCache,
        _ => Move::Land,
    })
}

/// Some time: mostly little.
fn passing(dice: &mut Dice) -> i64 {
    let spans = [(30, 1, 1000), (30, SECOND, 60), (15, SECOND, 600), (11, MINUTE, 70), (9, HOUR, 30), (5, DAY, 9)];
    let (_, (_, unit, most)) = dice.weighted(&spans, |(weight, ..)| *weight);
    unit * (1 + i64::try_from(dice.below(*most)).unwrap_or(0))
}
