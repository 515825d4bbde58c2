"""Make ``data/synthetic_cohort.csv`` again, from its seed to the file.

The schedule counts proposals, so that the file comes out byte for byte the same however fast
the machine is, and whether or not it was interrupted. Every chain is on its own core and
writes a checkpoint as it goes.
"""

import argparse
import hashlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reanalysis.core import paths
from synthesis.assemble import assemble, to_csv
from synthesis.loss import TERMS, published_goal
from synthesis.models import (
    Fits,
    agreeing,
    cohort_of,
    first_fits,
    new_work,
    refit,
)
from synthesis.repair import Repair, repair_round
from synthesis.search import Stage, anneal
from synthesis.start import State, draw_state

FloatArray = npt.NDArray[np.float64]

CHECKPOINTS = paths.ROOT / "_build" / "synthetic"
STRETCH = 250_000  # proposals between two checkpoints


@dataclass(frozen=True)
class Chain:
    """One independent search.

    Attributes
    ----------
    seed
        Of the first cohort and of the proposals.
    deaths
        How many patients die.
    stages
        What to do, in order; each starts from the best state of the one before.
    """

    seed: int
    deaths: int
    stages: tuple[Stage | Repair, ...]

    @property
    def name(self) -> str:
        """A name for its files: no two different chains share one."""
        digest = hashlib.sha256(repr(self).encode()).hexdigest()[:8]
        return f"seed{self.seed}-deaths{self.deaths}-{digest}"


@dataclass
class Progress:
    """Where a chain stands, all that a checkpoint holds."""

    state: State
    best: State
    best_loss: float
    coefficients: FloatArray
    standard_errors: FloatArray
    random: npt.NDArray[np.uint64]
    stage: int
    done: int

    def save(self, path: Path) -> None:
        """Write a checkpoint; an interrupt leaves the old one or the new one, never half."""
        arrays = {}
        for label, state in (("state", self.state), ("best", self.best)):
            for part, values in vars(state).items():
                arrays[f"{label}_{part}"] = values
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            allow_pickle=False,
            best_loss=self.best_loss,
            coefficients=self.coefficients,
            standard_errors=self.standard_errors,
            random=self.random,
            stage=self.stage,
            done=self.done,
            **arrays,
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Progress":
        """Read a checkpoint."""
        with np.load(path) as file:
            parts = ("follow_up", "death", "failure", "covariates")
            return cls(
                state=State(*(file[f"state_{part}"] for part in parts)),
                best=State(*(file[f"best_{part}"] for part in parts)),
                best_loss=float(file["best_loss"]),
                coefficients=file["coefficients"],
                standard_errors=file["standard_errors"],
                random=file["random"],
                stage=int(file["stage"]),
                done=int(file["done"]),
            )


def begin(chain: Chain) -> Progress:
    """Draw the first cohort of a chain."""
    state = draw_state(chain.seed, chain.deaths)
    fits = first_fits(published_goal(chain.deaths))
    return Progress(
        state=state,
        best=state.copy(),
        best_loss=1e18,
        coefficients=fits.b,
        standard_errors=fits.se,
        random=np.array([chain.seed * 7919 + 1], np.uint64),
        stage=0,
        done=0,
    )


def advance(chain: Chain, progress: Progress, stretch: int = 0) -> int:
    """Run the next stretch of a chain.

    Parameters
    ----------
    chain
        The chain; ``progress.stage`` must be one of its stages.
    progress
        Changed in place.
    stretch
        Proposals, by default those between two checkpoints. Where stretches end is part of the
        schedule, for the models are refitted there. A repair goes by single rounds.

    Returns
    -------
    int
        The proposals that were made.
    """
    stage = chain.stages[progress.stage]
    if isinstance(stage, Repair):
        steps = stage.proposals
        _repair(stage, chain, progress)
        progress.done += 1
    else:
        steps = min(stretch or STRETCH, stage.proposals - progress.done)
        _anneal(stage, chain, progress, steps)
        progress.done += steps
    # Nothing is left to do once every number lies well inside its interval.
    if progress.done == stage.length or progress.best_loss <= 0:
        progress.stage, progress.done = progress.stage + 1, 0
        progress.state = progress.best.copy()
        progress.best_loss = 1e18  # the next stage weighs differently: losses do not compare
    return steps


def _anneal(stage: Stage, chain: Chain, progress: Progress, steps: int) -> None:
    # Rounded, because the last bit of a power differs between C libraries.
    fall = stage.cool / stage.hot
    factor = round(fall ** (1 / stage.proposals), 12)
    temperature = round(stage.hot * fall ** (progress.done / stage.proposals), 9)
    _, progress.best_loss, _ = anneal(
        cohort_of(progress.state),
        cohort_of(progress.best),
        progress.best_loss,
        Fits(progress.coefficients, progress.standard_errors, np.zeros(TERMS)),
        new_work(),
        progress.random,
        published_goal(chain.deaths),
        stage.weights,
        steps,
        temperature,
        factor,
    )


def _repair(stage: Repair, chain: Chain, progress: Progress) -> None:
    progress.state, far = repair_round(
        progress.state, published_goal(chain.deaths), stage, progress.done, progress.random
    )
    if far < progress.best_loss:
        progress.best, progress.best_loss = progress.state.copy(), far


def run_chain(chain: Chain, folder: Path = CHECKPOINTS) -> State:
    """Run a chain to its end, from its checkpoint if there is one.

    Parameters
    ----------
    chain
        The chain.
    folder
        Where checkpoints are.

    Returns
    -------
    State
        The best state of the last stage.
    """
    path = folder / f"{chain.name}.npz"
    progress = Progress.load(path) if path.exists() else begin(chain)
    last_line = -np.inf
    while progress.stage < len(chain.stages):
        started = time.monotonic()
        number = progress.stage
        steps = advance(chain, progress)
        progress.save(path)
        now = time.monotonic()
        if now - last_line > 10 or progress.stage == len(chain.stages):
            last_line = now
            agree = agreements(progress.best, chain.deaths)
            stage = chain.stages[number]
            done = progress.done if progress.stage == number else stage.length
            loss = f", loss {progress.best_loss:.3f}" if progress.stage == number else ""
            print(
                f"seed {chain.seed}, {chain.deaths} deaths, stage {number + 1} of "
                f"{len(chain.stages)}: {done:,} of {stage.length:,} {stage.unit}, "
                f"{steps / (now - started):,.0f} proposals a second; {agree} of 132 agree{loss}",
                flush=True,
            )
    return progress.best


def agreements(state: State, deaths: int) -> int:
    """Count the regression numbers that print as published, by the search's own models."""
    goal = published_goal(deaths)
    return int(agreeing(goal, refit(goal, state)).sum())


def fingerprint(state: State) -> str:
    """Give a digest of a state, to compare two runs by."""
    digest = hashlib.sha256()
    for values in vars(state).values():
        digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())
    return digest.hexdigest()[:16]


def run_short() -> State:
    """Run a short stretch of a chain, as a check that a machine gives the same cohort."""
    progress = begin(SHORT_CHAIN)
    while progress.stage < len(SHORT_CHAIN.stages):
        advance(SHORT_CHAIN, progress)
    return progress.best


def _worker_start() -> None:
    # An interrupt is the parent's to handle; a worker only loses what is since its checkpoint.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(chains: Sequence[Chain], processes: int) -> list[State]:
    """Run chains side by side."""
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    if processes == 1 or len(chains) == 1:
        return [run_chain(chain) for chain in chains]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_worker_start) as pool:
        futures = [pool.submit(run_chain, chain) for chain in chains]
        try:
            return [future.result() for future in futures]
        except KeyboardInterrupt:
            for worker in list(pool._processes.values()):
                worker.terminate()
            raise


def write_atomically(text: str, path: Path) -> None:
    """Write a file so that a reader never sees half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the schedule and write the cohort."""
    parser = argparse.ArgumentParser(prog="python -m synthesis", description=__doc__)
    parser.add_argument("--out", type=Path, default=paths.SYNTHETIC_COHORT, help="file to write")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--fresh", action="store_true", help="ignore checkpoints")
    options = parser.parse_args(arguments)
    if options.fresh:
        for chain in SCHEDULE:
            (CHECKPOINTS / f"{chain.name}.npz").unlink(missing_ok=True)
    try:
        states = run(SCHEDULE, options.processes)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the same command again: it goes on from its checkpoints.")
    counts = [
        agreements(state, chain.deaths) for state, chain in zip(states, SCHEDULE, strict=True)
    ]
    winner = int(np.argmax(counts))
    write_atomically(to_csv(assemble(states[winner], SCHEDULE[winner].seed)), options.out)
    print(f"{counts[winner]} of 132 regression numbers agree; written to {options.out}")


# The schedule that gave the committed file: the first chain did. The second, on the other core, is
# what annealing comes to with fewer deaths; it would be written if it came out better.
ANNEALING = (
    Stage(160_000_000, hot=6.0, cool=0.03, quadratic=1000.0),
    Stage(140_000_000, hot=0.9, cool=0.06, quadratic=20_000.0, ladder=1.0, margin=0.97),
)
REPAIRS = (
    Repair(
        cycles=9,
        largest=(0.03, 0.02, 0.014, 0.01, 0.007, 0.005, 0.0035),
        proposals=250_000,
        most=100,
        trials=6,
        steps=5_000_000,
    ),
    Repair(
        cycles=2,
        largest=(0.01, 0.006, 0.004, 0.0025, 0.0015, 0.001),
        proposals=250_000,
        most=100,
        trials=6,
        steps=5_000_000,
        gather=0.002,
    ),
)
WINNER = Chain(44, 90, ANNEALING + REPAIRS)
SCHEDULE = (WINNER, Chain(43, 88, ANNEALING))
# What the tests run again: a chain so short that it takes a second, and its result.
SHORT_CHAIN = Chain(
    43,
    88,
    (
        Stage(3_000, hot=30.0, cool=1.0, quadratic=1000.0),
        Stage(1_000, hot=1.0, cool=0.1, quadratic=20_000.0, ladder=1.0, margin=0.97),
        Repair(1, (0.05, 0.02), proposals=3_000, most=20, trials=2, steps=20_000),
    ),
)
SHORT = "78a2849688f28915"
