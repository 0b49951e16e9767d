from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.package_admission_cy cimport PackageAdmission
from quantumcore.server.core.packaging_cy cimport Packaging
from quantumcore.server.core.words_cy cimport Words

cdef class Checking:
    cdef Admission admission
    cdef PackageAdmission package_admission
    cdef Packaging packaging
    cdef public Words turn, results
    cdef long long reason
