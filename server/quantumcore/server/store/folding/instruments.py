"""An instrument as its events leave it."""

from quantumcore.v1 import event_pb2 as types
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.types_pb2 import TradingPhase


def fold_instrument(instrument: Instrument, event: Event) -> None:
    """Let an instrument, empty before its first event, stand as after an event of its own."""
    match event.event_type:
        case types.EVENT_TYPE_INSTRUMENT_LISTED:
            instrument.CopyFrom(event.instrument_listed.instrument)
        case types.EVENT_TYPE_INSTRUMENT_UPDATED:
            instrument.CopyFrom(event.instrument_updated.instrument)
        case types.EVENT_TYPE_TRADING_PHASE_CHANGED:
            instrument.phase = event.trading_phase_changed.phase
            instrument.sequence = event.sequence
        case types.EVENT_TYPE_INSTRUMENT_HALTED:
            instrument.phase = TradingPhase.TRADING_PHASE_HALTED
            instrument.sequence = event.sequence
