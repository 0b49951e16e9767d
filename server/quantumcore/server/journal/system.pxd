# What the sync thread asks of the operating system, without the GIL; system.py is its twin.
cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <errno.h>
    #include <poll.h>
    #include <stdint.h>
    #include <time.h>
    #include <unistd.h>

    static int qc_make_durable(int descriptor) {
        int failed;
        do failed = fdatasync(descriptor) ? errno : 0; while (failed == EINTR);
        return failed;
    }

    static int qc_wait_for_signal(int descriptor, long long timeout_ns) {
        struct pollfd wanted = {descriptor, POLLIN, 0};
        struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
        uint64_t count;
        if (ppoll(&wanted, 1, timeout_ns < 0 ? 0 : &timeout, 0) <= 0) return 0;
        return read(descriptor, &count, sizeof count) == (ssize_t) sizeof count;
    }

    static void qc_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

    static void qc_signal(int descriptor) {
        uint64_t one = 1;
        while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
    }
    """
    int make_durable "qc_make_durable"(int descriptor) noexcept nogil
    int wait_for_signal "qc_wait_for_signal"(int descriptor, long long timeout_ns) noexcept nogil
    void fence "qc_fence"() noexcept nogil
    void signal "qc_signal"(int descriptor) noexcept nogil
