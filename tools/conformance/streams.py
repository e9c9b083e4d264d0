"""The random numbers of cutmix, in Python's integers: Philox4x32-10 (Salmon et al., SC 2011) and the streams made of it."""
import math

M32, M64 = 2**32 - 1, 2**64 - 1


def philox4x32_10(counter, key):
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(10):
        a, b = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (b >> 32) ^ x1 ^ k0, b & M32, (a >> 32) ^ x3 ^ k1, a & M32
        k0, k1 = (k0 + 0x9E3779B9) & M32, (k1 + 0xBB67AE85) & M32
    return x0, x1, x2, x3


def halves(x):
    return x & M32, x >> 32


class Stream:
    """The stream (seed, epoch, step, rank, draw), and by substream those of its samples and purposes."""

    def __init__(self, seed=0, epoch=0, step=0, rank=0, draw=0, sample=0, purpose=0):
        self.name = dict(seed=seed, epoch=epoch, step=step, rank=rank, draw=draw)
        root = philox4x32_10(philox4x32_10((*halves(epoch), *halves(step)), halves(seed)), (rank, 0))
        name = philox4x32_10(philox4x32_10(root, (draw, purpose)), halves(sample))
        self.key, self.tail = name[:2], name[2:]
        self.block, self.words = 0, []

    def substream(self, sample, purpose):
        return Stream(**self.name, sample=sample, purpose=purpose)

    def bits32(self):
        if not self.words:
            self.words = list(philox4x32_10((*halves(self.block), *self.tail), self.key))
            self.block += 1
        return self.words.pop(0)

    def bits64(self):
        low = self.bits32()
        return low | self.bits32() << 32

    def below(self, bound):
        """Lemire's method up to 2^32 - 1; above, the remainder of what is not in the lowest, incomplete span."""
        if bound > M32:
            while True:
                r = self.bits64()
                if r >= 2**64 % bound:
                    return r % bound
        product = self.bits32() * bound
        while product & M32 < 2**32 % bound:
            product = self.bits32() * bound
        return product >> 32

    def uniform(self):
        return (self.bits64() >> 11) * 2.0**-53

    def normal(self):
        while True:
            u, v = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            s = u * u + v * v
            if 0 < s < 1:
                return u * math.sqrt(-2 * math.log(s) / s)

    def gamma(self, a):
        """Marsaglia and Tsang, a >= 1. For huge a the last test is left out."""
        d = a - 1 / 3
        c = 1 / (3 * math.sqrt(d))
        while True:
            x = self.normal()
            t, u = 1 + c * x, 1 - self.uniform()
            if t <= 0:
                continue
            v = t * t * t
            if a > 1e12 or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
                return d * v

    def beta(self, alpha):
        if alpha == 1:
            return self.uniform()
        u1, u2 = math.log(1 - self.uniform()), math.log(1 - self.uniform())
        g1, g2 = self.gamma(alpha + 1), self.gamma(alpha + 1)
        x = (u2 - u1) / alpha + math.log(g2 / g1)
        return 1 / (1 + math.exp(x)) if x < 709 else 0.0

    def permutation(self, size):
        order = list(range(size))
        for i in range(size, 1, -1):
            j = self.below(i)
            order[i - 1], order[j] = order[j], order[i - 1]
        return order

    def derangement(self, size):
        while True:
            order = self.permutation(size)
            if size <= 1 or all(i != j for i, j in enumerate(order)):
                return order
