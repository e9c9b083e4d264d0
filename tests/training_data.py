"""A small data set for the tests of the training example."""
import random
import struct


def write_idx(folder, name, count, seed):
    """Images of 12x12 whose class is the row of a bar, as IDX files; the path of the images."""
    numbers = random.Random(seed)
    labels = bytes(i % 3 for i in range(count))
    pixels = bytearray()
    for label in labels:
        pixels += bytes(min(255, numbers.randrange(128) + 120 * (y // 4 == label)) for y in range(12) for _ in range(12))
    images = folder / f"{name}-images-idx3-ubyte"
    images.write_bytes(struct.pack(">IIII", 0x803, count, 12, 12) + pixels)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) + labels)
    return str(images)
