"""Memory as that of a guest, for KSM: pages of an image that others have too, pages of its own, and writes.

Arguments: NAME MIB IMAGE_SHARE WRITES, where WRITES is the share of the image's pages that are written to in a minute; half a minute later they
are what they were again. Prints a line when all memory is touched. Ends when its standard input does.
"""

import mmap
import random
import select
import sys
import time

PAGE = mmap.PAGESIZE
MIB = 1024 * 1024
CHANGED_S = 30
# So many pages of its own change in each second, as those of programs that work.
BUSY_SHARE = 0.005


def main(name, mib, image_share, writes):
    pages = mib * MIB // PAGE
    shared = int(pages * image_share)
    memory = mmap.mmap(-1, pages * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_MERGEABLE)
    image, own = random.Random("image"), random.Random(name)
    for start in range(0, pages, MIB // PAGE):
        end = min(pages, start + MIB // PAGE)
        of_image = max(0, min(end, shared) - start)
        content = image.randbytes(of_image * PAGE) + own.randbytes((end - start - of_image) * PAGE)
        memory[start * PAGE : end * PAGE] = content
    print("touched", flush=True)

    changed, due = [], 0.0
    busy = max(1, int(pages * BUSY_SHARE))
    while not select.select([sys.stdin], [], [], 1)[0]:
        now = time.monotonic()
        while changed and changed[0][0] <= now:
            _, at, content = changed.pop(0)
            memory[at : at + PAGE] = content
        due += shared * writes / 60
        for _ in range(int(due)):
            at = own.randrange(shared) * PAGE
            changed.append((now + CHANGED_S, at, memory[at : at + PAGE]))
            memory[at : at + PAGE] = own.randbytes(PAGE)
        due -= int(due)
        for page in range(busy):
            at = (shared + page % max(1, pages - shared)) * PAGE
            memory[at : at + 8] = own.randbytes(8)


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
