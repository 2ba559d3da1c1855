"""Threads that hand objects to each other."""
import queue
import threading

queues = [queue.SimpleQueue() for _ in range(5)]
sums = [0] * 4


def work(self):
    for i in range(5000):
        queues[self + 1].put([i, "x" * (i % 300)])
        if self:
            sums[self] += len(queues[self].get()[1])


threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sums)
