"""The search for one cohort, from its seed to its last digit: a list of steps.

What each stage buys: a short annealing over single changes brings what is drawn to where sums of
changes can reach the rest; rounds of linear programming with ever smaller changes, each accepted,
bring that to within rounding; rounds that only come nearer polish it; the covariates that only
their own univariable models hold (age, ECOG, etiology, CR by 3 months) float until then and are
solved one by one; and what is then left is done again from a little further away, because
starting again reaches further than polishing.

The steps count proposals, changes and rounds, never seconds, so that the same cohort comes out
however fast the machine is and whether or not the search was interrupted.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthesis.finish import Finish, finish
from synthesis.moves import DAY, EXCHANGE
from synthesis.numbers import (
    DEATH,
    FAILURE,
    MODELS,
    NUMBERS,
    ROWS,
    Goal,
    agreeing,
    numbers_of,
    published_goal,
)
from synthesis.rounds import Random, Round, anneal, distance, make, measure, play
from synthesis.start import Plan, draw_state
from synthesis.state import (
    AGE,
    ECOG,
    ETIOLOGY,
    LATE,
    Believable,
    State,
    copy_of,
)


@dataclass(frozen=True)
class Anneal:
    """A stretch of annealing over single changes, between two temperatures."""

    proposals: int
    hot: float
    cold: float


@dataclass(frozen=True)
class Blocks:
    """Each covariate that only its own univariable models hold, solved by exchanging it alone."""

    rounds: tuple[float, ...] = (
        *(0.3, 0.1, 0.05, 0.03, 0.02, 0.01),
        *(0.05, 0.02, 0.01, 0.005, 0.003, 0.002),
    )
    changes: int = 6000
    trials: int = 3
    steps: int = 150_000


@dataclass(frozen=True)
class Kick:
    """Random changes of covariates, no failure and no death among them: a start nearby."""

    largest: float = 0.2
    changes: int = 60


@dataclass(frozen=True)
class GiveUp:
    """The end of a search that is still further off than this: another seed is cheaper.

    Some starts have a conflict that changes nearby cannot undo.
    """

    beyond: float


Step = Anneal | Round | Blocks | Finish | Kick | GiveUp

# Each such covariate, and its rows in local control and in survival.
_ALONE = {AGE: (0, 15), ECOG: (1, 16), ETIOLOGY: (2, 18), LATE: (8, 24)}
_FLOAT = 0.03  # standard errors by which their numbers may be off until they are solved


@dataclass
class Progress:
    """Where a search stands: all that a checkpoint holds.

    Attributes
    ----------
    state, rules
        The cohort, and what it obeys.
    random
        State of the random numbers.
    done
        Steps that were made.
    best
        The best cohort so far whose rates and comparisons are all as published.
    agree, far
        How many of its regression numbers print as published, and how far the others are.
    """

    state: State
    rules: Believable
    random: Random
    done: int
    best: State
    agree: int = 0
    far: float = 1e9

    def save(self, path: Path) -> None:
        """Write a checkpoint; an interrupt leaves the old one or the new one, never half."""
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            allow_pickle=False,
            random=self.random,
            done=self.done,
            agree=self.agree,
            far=self.far,
            **{f"state_{name}": part for name, part in self.state._asdict().items()},
            **{f"best_{name}": part for name, part in self.best._asdict().items()},
            **{f"rules_{name}": part for name, part in self.rules._asdict().items()},
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Progress":
        """Read a checkpoint."""
        with np.load(path) as file:
            return cls(
                State(*(file[f"state_{name}"] for name in State._fields)),
                Believable(*(file[f"rules_{name}"] for name in Believable._fields)),
                file["random"],
                int(file["done"]),
                State(*(file[f"best_{name}"] for name in State._fields)),
                int(file["agree"]),
                float(file["far"]),
            )


def begin(plan: Plan) -> Progress:
    """Draw the first cohort of a search."""
    state, rules = draw_state(plan)
    random = np.array([plan.seed * 7919 + 1], np.uint64)
    return Progress(state, rules, random, 0, copy_of(state))


def floating(goal: Goal) -> Goal:
    """Widen the intervals of what is solved last."""
    low, high = goal.low.copy(), goal.high.copy()
    for row in (row for rows in _ALONE.values() for row in rows):
        low[4 * row : 4 * row + 4] -= _FLOAT
        high[4 * row : 4 * row + 4] += _FLOAT
    return goal._replace(low=low, high=high)


def advance(progress: Progress, steps: tuple[Step, ...], goal: Goal, intolerable: int = 2) -> None:
    """Make the next step of a search."""
    step = steps[progress.done]
    if isinstance(step, GiveUp):
        progress.done = len(steps) if progress.far > step.beyond else progress.done + 1
        return
    if isinstance(step, Anneal):
        here, fits = numbers_of(progress.state, floating(goal))
        # Rounded, because the last bit of a power differs between C libraries.
        factor = round((step.cold / step.hot) ** (1 / step.proposals), 14)
        anneal(
            progress.state, progress.rules, floating(goal), fits, here, progress.random,
            step.proposals, step.hot, factor,
        )  # fmt: skip
    elif isinstance(step, Round):
        wanted = floating(goal) if step.floating else goal
        progress.state, _ = play(progress.state, progress.rules, wanted, step, progress.random)
    elif isinstance(step, Blocks):
        progress.state = solve_blocks(progress, goal, step)
    elif isinstance(step, Finish):
        progress.state = finish(progress.state, progress.rules, goal, step, progress.random)
    else:
        progress.state = _kicked(progress, goal, step)
    progress.done += 1
    _keep_best(progress, goal, intolerable)


def _kicked(progress: Progress, goal: Goal, step: Kick) -> State:
    """Start from the best so far, if there is one, and change it at random."""
    state = copy_of(progress.best if progress.agree else progress.state)
    here, fits = numbers_of(state, goal)
    moves, effects = (
        np.zeros((8 * step.changes, 5), np.int64),
        np.zeros((8 * step.changes, NUMBERS)),
    )
    kept = measure(
        copy_of(state), progress.rules, goal, fits, here, progress.random, step.largest, 0, moves,
        effects,
    )  # fmt: skip
    events = (moves[:kept, 0] == DAY) | (
        (moves[:kept, 0] == EXCHANGE) & (moves[:kept, 3] & (FAILURE | DEATH) > 0)
    )
    chosen = np.flatnonzero(~events)[: step.changes]
    make(state, progress.rules, moves, chosen, len(chosen))
    return state


def solve_blocks(progress: Progress, goal: Goal, step: Blocks) -> State:
    """Solve each covariate of ``_ALONE`` by exchanging it alone; what goes back does not count."""
    state = progress.state
    here, _ = numbers_of(state, goal)
    for covariate, rows in _ALONE.items():
        mine = np.concatenate([np.arange(4 * row, 4 * row + 4) for row in rows])
        for largest in step.rounds:
            outside = np.maximum(goal.low - here, here - goal.high)
            if outside[mine].max() <= 0:
                break
            this = Round(
                largest, step.changes, 1 << covariate, trials=step.trials, steps=step.steps,
                polish=True,
            )  # fmt: skip
            state, _ = play(state, progress.rules, goal, this, progress.random)
            here, _ = numbers_of(state, goal)
    return state


def _keep_best(progress: Progress, goal: Goal, weight: int) -> None:
    here, _ = numbers_of(progress.state, goal)
    outside = np.maximum(0.0, np.maximum(goal.low - here, here - goal.high))
    if outside[MODELS:].max() > 1e-9:
        return
    agree = int(agreeing(here).sum())
    intolerable = int((outside > goal.tolerance).sum())
    far = float(outside[:MODELS].sum()) + intolerable
    worth = agree - weight * intolerable
    if (worth, -far) > (progress.agree, -progress.far):
        progress.best, progress.far, progress.agree = copy_of(progress.state), far, worth


def describe(progress: Progress, goal: Goal) -> str:
    """Say where a search stands."""
    here, _ = numbers_of(progress.state, goal)
    now = int(agreeing(here).sum())
    far = distance(here, goal)
    return (
        f"step {progress.done}: {now} of {4 * ROWS} agree, {far:.3f} standard errors off in all; "
        f"best {progress.agree} ({progress.far:.4f})"
    )


def search(
    plan: Plan,
    steps: tuple[Step, ...],
    checkpoint: Path | None = None,
    enough: int = MODELS,
    member: bool = False,
) -> Progress:
    """Search for a cohort, from its checkpoint if there is one.

    Parameters
    ----------
    plan
        What to draw by.
    steps
        What to do.
    checkpoint
        Where to keep how far it came; nowhere by default.
    enough
        Regression numbers that agree with which to stop, if the others are tolerable; all by
        default.
    member
        Whether of the ensemble: of that fewer digits are asked, and none beyond its tolerance.

    Returns
    -------
    Progress
        After the last step, or as soon as enough numbers agree.
    """
    goal = published_goal(member)
    if checkpoint is not None and checkpoint.exists():
        progress = Progress.load(checkpoint)
    else:
        progress = begin(plan)
    while progress.done < len(steps) and not (progress.agree >= enough and progress.far < 1):
        advance(progress, steps, goal, 20 if member else 2)
        if checkpoint is not None:
            progress.save(checkpoint)
        print(f"seed {plan.seed}, {plan.deaths} deaths, {describe(progress, goal)}", flush=True)
    return progress


def descent(*largest: float, presolve: bool = True) -> tuple[Round, ...]:
    """Give rounds with these largest effects, each accepted."""
    return tuple(Round(size, dearer=0.4, presolve=presolve) for size in largest)


def polish(*rounds: tuple[float, float], presolve: bool = True) -> tuple[Round, ...]:
    """Give rounds that only ever come nearer: the largest effect, and how dear a change is.

    The effects of tiny changes add up best: of larger ones that are made together, what each does
    depends on the others.
    """
    return tuple(
        Round(size, 16_000, trials=4, dearer=dearer, polish=True, floating=False, presolve=presolve)
        for size, dearer in rounds
    )


# Large changes reach what small ones cannot, and leave more to rounding: so from large to small.
_FROM_FAR = (0.3, 0.3, 0.25, 0.2)
_COOLING = (0.15, 0.12, 0.1, 0.08, 0.065, 0.055, 0.045, 0.035, 0.03, 0.025, 0.02, 0.017, 0.014)
_CLOSE: tuple[Step, ...] = (*descent(*_COOLING, 0.012), Blocks())
_THOROUGH = Finish(changes=12_000, widths=(1500, 300, 100))
FIRST: tuple[Step, ...] = (Anneal(300_000, 0.4, 0.1), *descent(*_FROM_FAR), *_CLOSE)
# From a little further away once more: starting again reaches further than polishing.
AGAIN: tuple[Step, ...] = (_THOROUGH, Kick(), *descent(0.2), *_CLOSE)
_TINY = ((0.004, 1.0), (0.004, 0.3), (0.003, 0.3), (0.002, 1.0))
DIGITS: tuple[Step, ...] = (
    *polish((0.012, 0.4), (0.008, 0.4), (0.006, 0.4), *_TINY),
    Finish(cycles=1),
    *polish(*_TINY),
    Finish(cycles=1),
)
# The same from a step away: for what the last few numbers ask.
ASIDE: tuple[Step, ...] = (
    Kick(0.05, 30),
    *(Round(size, dearer=0.4, floating=False) for size in (0.05, 0.04, 0.03, 0.025, 0.02, 0.015)),
    *DIGITS,
)
# For a member of the ensemble, of which fewer digits are asked, and none too far off: the descent,
# the last digits, and starts nearby until it has enough.
_NEVER_FAR = Finish(cycles=1, intolerable=4.0)
_ENOUGH_DIGITS: tuple[Step, ...] = (
    Blocks(),
    *polish((0.008, 0.4), (0.005, 0.4), (0.004, 0.3), (0.003, 0.3), (0.002, 1.0), presolve=False),
    _NEVER_FAR,
)
_NEARBY: tuple[Step, ...] = (
    Kick(0.05, 30),
    *descent(0.05, 0.03, 0.02, 0.015, presolve=False),
    *_ENOUGH_DIGITS,
)
MEMBER: tuple[Step, ...] = (
    Anneal(300_000, 0.4, 0.1),
    *descent(*_FROM_FAR, *_COOLING, 0.012, presolve=False),
    Blocks(),
    _NEVER_FAR,
    GiveUp(1.5),
    *_ENOUGH_DIGITS,
    *3 * _NEARBY,
)
