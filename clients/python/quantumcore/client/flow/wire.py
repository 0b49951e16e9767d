"""Put actions into the contract's form and read its answers, integers throughout."""

from collections.abc import Iterable
from dataclasses import dataclass

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice
from quantumcore.client.flow.replayer import Acknowledgement
from quantumcore.client.flow.shadow import Level
from quantumcore.client.market import BookLevel
from quantumcore.v1 import order_pb2, reject_pb2, types_pb2
from quantumcore.v1.order_service_pb2 import (
    CancelOrderRequest,
    CreateOrderRequest,
    ReplaceOrderRequest,
    TradeCommand,
)

_LONGEST_PREFIX = 40
_PRICE_SCALE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a flow goes.

    Client order ids are `prefix` and the local id; they are unique for ever, so each replay
    into the same account needs its own prefix. One account trades with itself here, hence
    its self-trade prevention is switched off order by order.
    """

    account_id: int
    instrument_id: int
    prefix: str

    def __post_init__(self) -> None:
        if not 0 < len(self.prefix) <= _LONGEST_PREFIX or not self.prefix.isascii():
            raise ValueError(f"a prefix has 1 to {_LONGEST_PREFIX} ASCII characters")

    def client_order_id(self, local_id: int) -> str:
        """Return the owner's id of an order of the flow."""
        return f"{self.prefix}{local_id}"

    def command(self, action: Action, order_id: int = 0) -> TradeCommand:
        """Return the command for an action; `order_id` is the venue's id, 0 if not known."""
        match action:
            case New():
                return TradeCommand(create_order=self._create(action))
            case Cancel(local_id=local_id):
                return TradeCommand(
                    cancel_order=CancelOrderRequest(
                        account_id=self.account_id,
                        order_id=order_id,
                        client_order_id="" if order_id else self.client_order_id(local_id),
                    )
                )
            case Reduce() | Reprice():
                return TradeCommand(replace_order=self._replace(action, order_id))

    def _create(self, new: New) -> CreateOrderRequest:
        return CreateOrderRequest(
            account_id=self.account_id,
            instrument_id=self.instrument_id,
            client_order_id=self.client_order_id(new.local_id),
            side=types_pb2.Side.ValueType(new.side),
            order_type=types_pb2.ORDER_TYPE_LIMIT,
            time_in_force=(
                types_pb2.TIME_IN_FORCE_IOC if new.immediate else types_pb2.TIME_IN_FORCE_GTC
            ),
            quantity=new.quantity_nanos,
            price=new.price_nanos,
            self_trade_prevention=types_pb2.SELF_TRADE_PREVENTION_NONE,
        )

    def _replace(self, change: Reduce | Reprice, order_id: int) -> ReplaceOrderRequest:
        return ReplaceOrderRequest(
            account_id=self.account_id,
            order_id=order_id,
            client_order_id="" if order_id else self.client_order_id(change.local_id),
            quantity=change.quantity_nanos,
            price=change.price_nanos if isinstance(change, Reprice) else None,
        )


def read_acknowledgement(message: order_pb2.OrderAcknowledgement) -> Acknowledgement:
    """Return what a replay needs of an answer."""
    reason = message.reject_reason
    name = reject_pb2.RejectReason.Name(reason).removeprefix("REJECT_REASON_") if reason else ""
    return Acknowledgement(
        message.order_id, message.cumulative_quantity, message.leaves_quantity, name
    )


def read_levels(levels: Iterable[BookLevel]) -> list[Level]:
    """Return one side of a book in integers, exactly: no decimal of the venue has more digits."""
    return [
        Level(int(level.price.scaleb(_PRICE_SCALE)), int(level.quantity.scaleb(_PRICE_SCALE)))
        for level in levels
    ]
