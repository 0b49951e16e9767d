from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places

cdef int starts(Options options) noexcept nogil
cdef void place_start(Options options, Places places, int start) noexcept nogil
cdef int _place(Options options, Places places, int at, int start) noexcept nogil
cdef int _layer(Options options, Places places, int at, int least, int most) noexcept nogil
