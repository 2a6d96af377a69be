/* Has all threads share one heap. glibc gives each thread one of its own, up to eight for each processor, and keeps in each what was freed
   there: of the dozens of threads that wait for the engine in a large deployment, that was a fifth of the peak memory. They allocate too
   little to be in each other's way. */
#include <malloc.h>

#ifdef M_ARENA_MAX
__attribute__((constructor)) static void share_one_heap(void) { mallopt(M_ARENA_MAX, 1); }
#endif
