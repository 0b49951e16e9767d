"""What each class of the exchange keeps between commands, attribute by attribute.

A class that holds state lists all of its attributes, inherited ones too:

    state      what later commands can see: saved, restored, and part of the state hash. A name of
               another class here means that what it holds belongs to this one.
    constant   fixed by the configuration.
    derived    follows from the state; made anew when it is restored.
    scratch    means nothing between two commands.
    refers     objects that belong to another class.

Classes without state list in SCRATCH what they keep beside references. A test holds both tables to
the declarations, so that an attribute which is added has to be given its place here.
"""

from typing import NamedTuple

OF_OWNER = -1


class Fields(NamedTuple):
    """Attributes by what they are, names separated by blanks.

    Columns of `capacity` + `spare` rows end in rows that checks borrow: those are scratch. With
    OF_OWNER it is as in the class that this one belongs to.
    """

    state: str
    constant: str = ""
    derived: str = ""
    scratch: str = ""
    refers: str = ""
    spare: int = 0

    @property
    def names(self) -> list[str]:
        """Return all names in alphabetical order."""
        every = (self.state, self.constant, self.derived, self.scratch, self.refers)
        return sorted(" ".join(every).split())


FIELDS = {
    "Exchange": Fields(
        state="accounts arena attribution instruments limits orders placing positions report "
        "requests settling trades",
        scratch="is_torn journaled levels package_answers results turn",
        refers="admission cancelling checking entry listing queries replacing",
    ),
    "Accounts": Fields(
        state="count definitions group groups killed limits margin_model next_command_ns owner "
        "self_trade_prevention session_count status venue_killed watched working",
        constant="capacity",
    ),
    "Groups": Fields(state="count killed limits members number places"),
    "Arena": Fields(
        state="chunk_count chunk_key chunk_level free_chunk free_level free_order fresh_chunk "
        "fresh_level fresh_order level_guards level_head level_hidden level_key level_lots "
        "level_orders level_pegs level_tail live_chunks live_levels live_orders order_hidden "
        "order_leaves order_level order_next order_peak order_previous order_tag",
        constant="chunk_capacity level_capacity order_capacity",
    ),
    "Attribution": Fields(
        state="closings count shares strategies",
        constant="capacity",
        refers="orders packages positions report",
    ),
    "Shares": Fields(
        state="counted free last used words",
        constant="capacity",
        refers="positions strategies",
    ),
    "Strategies": Fields(
        state="count fees index paid realised words",
        constant="capacity",
    ),
    "Balances": Fields(
        state="account cash count currency derivatives fees first_of_account first_position index "
        "margin margined next_of_account open_value queue queue_count queued reserved",
        constant="capacity",
        spare=1,
    ),
    "WideSums": Fields(state="high low", spare=OF_OWNER),
    "HashIndex": Fields(state="hashes table", constant="key mask"),
    "Book": Fields(
        state="asks bids guarded",
        constant="event_capacity",
        scratch="event_count events guard renewed",
        refers="arena",
    ),
    "Ladder": Fields(
        state="best_level first_key last_run level_count run run_capacity run_count",
        constant="sign",
        refers="arena",
    ),
    "ClientIds": Fields(
        state="accounts chain free fresh index lengths live rows texts",
        constant="capacity",
    ),
    "Deadlines": Fields(state="count heap place rank time_ns"),
    "Instruments": Fields(
        state="books count definitions first_touched is_touched margin_terms others rows touched "
        "touched_count",
        constant="capacity",
        scratch="book_events",
        refers="arena",
    ),
    "MarginTerms": Fields(
        state="changes credit_count credit_sequences credits scan_count scan_sequences scans"
    ),
    "Limits": Fields(state="count rows"),
    "Words": Fields(state="capacity end words"),
    "Orders": Fields(
        state="account account_ends cancel_reason created_ns cumulative deadlines display entered "
        "entry expire_ns free fresh ids instrument min_quantity newest_ended next_ended "
        "next_of_account next_working oldest_ended order_id packages peg_offset place position "
        "previous_of_account previous_working price quantity reserve risk_ticks sequence session "
        "slot status stop_price terms tick_lots traits updated_ns version working",
        constant="capacity",
    ),
    "Packages": Fields(
        state="ends executed executions first_stirred fresh last_execution last_stirred "
        "newest_ended next_ended next_leg next_stirred oldest_ended previous_leg words",
        constant="capacity remembered",
    ),
    "PhaseLists": Fields(state="ends following previous", refers="orders"),
    "Placing": Fields(
        state="next_peg peg_ends phase_lists previous_peg waiting_packages",
        refers="accounts arena exposure instruments orders packages positions report waiting_stops",
    ),
    "WaitingPackages": Fields(state="strategies", refers="instruments orders packages"),
    "StrategyBooks": Fields(
        state="arrivals count queues", derived="entries", refers="orders packages"
    ),
    "Positions": Fields(
        state="account balance balances bought buying count fees first_share index instrument "
        "limits lots next_of_balance open open_value realised reduce_only selling sequence "
        "updated_ns working",
        constant="capacity",
        scratch="is_long lent long_realised",
        spare=4,
    ),
    "RequestWindow": Fields(state="accounts answers contents count ids index", constant="capacity"),
    "Trades": Fields(state="highest last_id lowest rates rows", constant="capacity"),
    "Reporter": Fields(
        state="sequence time_ns",
        scratch="command event levels result results row turn turn_time_ns",
        refers="accounts instruments orders positions",
    ),
    "Settling": Fields(
        state="phases",
        refers="instruments matching orders packaging pegs placing sequencing stops",
    ),
    "Phases": Fields(
        state="auction_ends expiries",
        refers="auction instruments matching orders placing report",
    ),
}

SCRATCH = {
    "Admission": "position time_ns",
    "ArrayCache": "capacity count key words",
    "Auction": "imbalance ticks traded",
    "AuctionPrice": "has_price imbalance lots segments ticks",
    "Checking": "reason results turn",
    "CommodityTable": "bucket charge count delta_weight group group_count identity minimum place "
    "range volatility",
    "Funds": "age_ns available balance cost haircut is_plain least_cost model needed of_package "
    "reserve",
    "GroupLimits": "place value",
    "Hedges": "formed free has_lots use_count uses",
    "Ledger": "charged",
    "Listing": "configuration",
    "Margining": "added added_entry added_lots by_scenarios haircut most_age_ns now_ns oldest_ns "
    "own_buying own_selling refused stalest terms variation",
    "Marks": "age_ns ticks time_ns",
    "Matching": "breached owner prevention",
    "Naming": "row",
    "Options": "at_least below beyond call_cover count expiry is_call is_cash is_short is_whole "
    "layer_expiry layers lever lots own places premium price put_cover row strike strikes unit "
    "weight width",
    "PackageAnswers": "words",
    "PackagePreTrade": "account costs entry is_sequential least_costs leg_count limits most_cost "
    "needs priced ratio reserve row side ticks units waits",
    "PackageTerms": "leg_count record terms",
    "Pairing": "best budget is_optimal kept known_debits known_prices mean nodes pass_steps placed "
    "taken turn_steps turns work",
    "Places": "changed depth high low placed stack steps sum",
    "Plan": "blocked cancels_own cost leg_count legs most most_cost owner package stops_at_own "
    "units",
    "Portfolio": "count greatest_weight highest_ticks refused words",
    "PortfolioScenarios": "commodity expiries_per_unit expiry_unit_s now refused sets "
    "time_bucket_s",
    "Refusal": "about asks compared field leg limit reason value",
    "RequirementMemo": "answer count hits oldest version words",
    "Risk": "account beside entry instrument is_dry lots now_ns own_lots own_value side ticks "
    "whole",
    "Scanning": "debit_minor_units",
    "ScenarioModel": "charge count credit debit_minor_units delta free holdings longs minimum name "
    "scan shorts spread_count spreads sums value worst",
    "Stops": "looked_at_funds",
    "Straddles": "call call_from call_gain call_lots calls dropped limit pairs put put_from "
    "put_gain put_lots puts saving steps",
    "StrategyModel": "debit_minor_units is_done options pairing_is_optimal rates spread_count "
    "spreads work",
    "Terms": "record terms",
    "Valuation": "bears bend cost debit_of kept lines net_of price_of risk_of turn",
}
