"""Say what the exit statuses of the command mean, and turn errors into sentences."""

from __future__ import annotations

from enum import IntEnum

from quantumcore.client import errors


class ExitCode(IntEnum):
    """Exit status of the command."""

    OK = 0
    REJECTED = 1
    """The venue refused the order for a business reason."""
    USAGE = 2
    """The command line, a number or a request is malformed."""
    UNREACHABLE = 3
    """Nobody answers, or not in time."""
    NOT_PERMITTED = 4
    """No token, a wrong one, or one that does not allow this."""
    CORRUPT = 5
    """A log or a recovered state is not what it must be."""
    NOT_FOUND = 6
    """No such order, instrument, account or file; or the name is taken."""
    VENUE_FAILED = 7
    """The venue does not take this now, cannot do it, or broke."""
    INTERRUPTED = 130
    """Ctrl-C."""


class LogCorrupt(Exception):
    """A log, or what was recovered from it, is not what it must be."""


class UsageError(Exception):
    """The command line asks for what cannot be."""


_BY_ERROR: tuple[tuple[tuple[type[BaseException], ...], ExitCode], ...] = (
    ((errors.Rejected,), ExitCode.REJECTED),
    ((errors.InvalidRequest, UsageError, TypeError, ValueError), ExitCode.USAGE),
    ((errors.Unreachable, errors.DeadlineExceeded), ExitCode.UNREACHABLE),
    ((errors.NotAuthenticated, errors.NotPermitted), ExitCode.NOT_PERMITTED),
    ((LogCorrupt, errors.BookOutOfStep), ExitCode.CORRUPT),
    ((errors.NotFound, errors.AlreadyExists, FileNotFoundError), ExitCode.NOT_FOUND),
    ((errors.QuantumCoreError, OSError), ExitCode.VENUE_FAILED),
)


def exit_code(error: BaseException) -> ExitCode | None:
    """Tell the exit status of an error that a user can cause; None: it is a defect."""
    for kinds, code in _BY_ERROR:
        if isinstance(error, kinds):
            return code
    return None


def sentence(error: BaseException) -> str:
    """Tell a person what went wrong, and what to do where that is known."""
    text = str(error)
    match error:
        case errors.Unreachable():
            return f"Nobody answers: {text}. Is the venue running? Start one with: quantumcore up"
        case errors.NotAuthenticated():
            return f"{text}. Set QC_TOKEN, or pass --token."
        case FileNotFoundError():
            return f"There is no file {error.filename}."
        case _:
            return text if text.endswith(".") else f"{text}."
