from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.cancelling_cy cimport Cancelling
from quantumcore.server.core.checking_cy cimport Checking
from quantumcore.server.core.entry_cy cimport Entry
from quantumcore.server.core.listing_cy cimport Listing
from quantumcore.server.core.package_answers_cy cimport PackageAnswers
from quantumcore.server.core.reading_cy cimport Reading
from quantumcore.server.core.replacing_cy cimport Replacing
from quantumcore.server.core.words_cy cimport Words

cdef class Exchange(Reading):
    cdef Admission admission
    cdef Entry entry
    cdef Cancelling cancelling
    cdef public Checking checking
    cdef Replacing replacing
    cdef Listing listing
    cdef public Words turn, results, levels
    cdef public PackageAnswers package_answers
    cdef Words journaled
    cdef public bint is_torn

    cdef int _replay_commands(self) except -1
    cdef bint _same_turn(self) noexcept
    cdef int _apply(self, Py_ssize_t start) except -1
    cdef int _carry_out(self, Py_ssize_t start) except -1
    cdef int _expect(self, Py_ssize_t start, int account) except -1
    cdef int _execute(self, Py_ssize_t start) except -1
