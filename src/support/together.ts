/** Like Promise.all, but of several failures the first in order is thrown: what is told of the same wrong files stays the same. */
export async function together<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(works);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
