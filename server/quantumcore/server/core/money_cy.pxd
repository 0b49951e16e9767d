from quantumcore.server.core.instruments_cy cimport Instruments

cdef long long notional_of(Instruments instruments, int instrument, long long quantity) noexcept
