"""The table of states: closed, reachable, and nothing rests that has work."""

import pytest

from gateway.ledger.states import (
    FIRST,
    LIVES,
    NEEDS_A_PERSON,
    TRANSITIONS,
    WORK,
    ImpossibleStep,
    Life,
    State,
    before,
    diagram,
    step,
)

LIVES_AND_STATES = [(life, state) for life, stages in LIVES.items() for state in stages]


@pytest.mark.parametrize(("life", "state"), LIVES_AND_STATES)
def test_every_state_is_explained_and_leads_to_states_of_its_own_life(life, state):
    stage = LIVES[life][state]
    assert stage.prose
    assert stage.prose[0].islower()
    assert stage.then <= set(LIVES[life])


@pytest.mark.parametrize("life", Life)
def test_every_state_is_reached_from_the_first(life):
    reached, edge = set(), {FIRST[life]}
    while edge:
        reached |= edge
        edge = set().union(*(TRANSITIONS[life][state] for state in edge)) - reached
    assert reached == set(LIVES[life])


@pytest.mark.parametrize(("life", "state"), LIVES_AND_STATES)
def test_no_state_is_a_trap(life, state):
    """From everywhere a person can bring the row back to its beginning, at most through one other state.

    A document that a sending carries goes back with that one, to where it is sent again.
    """
    then = TRANSITIONS[life][state]
    near = then.union(*(TRANSITIONS[life][each] for each in then)) | {state}
    assert FIRST[life] in near or (life is Life.OUTBOUND and FIRST[Life.SENDING] in near)


def test_what_a_sending_carries_can_follow_it_everywhere():
    carried = TRANSITIONS[Life.OUTBOUND]
    for state, then in TRANSITIONS[Life.SENDING].items():
        assert then <= carried[state]
    assert set(WORK[Life.SENDING]) - {State.RETRYING} == {State.RENDERED}
    assert State.RENDERED not in WORK[Life.OUTBOUND]


@pytest.mark.parametrize("life", Life)
def test_work_is_done_only_where_it_can_fail_and_be_given_up(life):
    for state in WORK[life]:
        assert {State.RETRYING, State.DEAD, State.HELD} <= TRANSITIONS[life][state]
    assert not set(WORK[life]) & set(NEEDS_A_PERSON)


@pytest.mark.parametrize("life", Life)
def test_only_retrying_may_follow_itself(life):
    assert {state for state, then in TRANSITIONS[life].items() if state in then} == {State.RETRYING}


def test_a_step_says_what_may_follow():
    assert step(Life.INBOUND, "received", "translated") is State.TRANSLATED
    with pytest.raises(
        ImpossibleStep, match="inbound: delivered cannot become translated; what may follow is received"
    ):
        step(Life.INBOUND, "delivered", "translated")
    with pytest.raises(ImpossibleStep, match="nothing"):
        step(Life.ARRIVAL, "sent", "received")


def test_before_is_the_inverse_of_the_table():
    for life, stages in TRANSITIONS.items():
        for then in stages:
            assert set(before(life, then)) == {state for state in stages if then in stages[state]}


def test_the_diagram_shows_every_step():
    drawn = diagram(Life.SENDING)
    assert drawn.startswith("stateDiagram-v2\n    [*] --> rendered\n")
    assert drawn.count("-->") == 1 + sum(len(then) for then in TRANSITIONS[Life.SENDING].values())
    assert "    sent --> acknowledged\n" in drawn
