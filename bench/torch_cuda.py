"""What torch does with the work of bench_cuda.cpp, as eager and as compiled code, by CUDA's events: medians, as Markdown."""
import statistics
import sys

import torch
import torch.nn.functional as F


def milliseconds(work):
    times = []
    for i in range(-5, 31):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        end.synchronize()
        if i >= 0:
            times.append(begin.elapsed_time(end))
    return statistics.median(times)


def row(name, work, *arguments):
    compiled = torch.compile(work)
    print(f"| {name} | {milliseconds(lambda: work(*arguments)):.4f} | {milliseconds(lambda: compiled(*arguments)):.4f} |", flush=True)


def in_place(x, partner):
    x[:, :, 5:162, 3:160] = x[partner, :, 5:162, 3:160]
    return x


def out_of_place(x, partner):
    return in_place(x.clone(), partner)


def mixup(x, partner):
    return 0.3 * x + 0.7 * x[partner]


def with_gradient(loss):
    def step(z, *targets):
        z = z.detach().requires_grad_()
        return torch.autograd.grad(loss(z, *targets), z)

    return step


def two_labels(z, a, b):
    return 0.3 * F.cross_entropy(z, a) + 0.7 * F.cross_entropy(z, b)


if not torch.cuda.is_available():
    print("skipped: torch sees no CUDA device")
    sys.exit()
print(f"torch {torch.__version__}\n\n| work | eager, ms | compiled, ms |\n| --- | --- | --- |")
for n in (128, 512):
    x, partner = torch.rand(n, 3, 224, 224, device="cuda"), torch.randperm(n, device="cuda")
    row(f"CutMix, out of place, float, {n}x3x224x224", out_of_place, x, partner)
    row(f"CutMix, in place, float, {n}x3x224x224", in_place, x, partner)
    row(f"MixUp, out of place, float, {n}x3x224x224", mixup, x, partner)
for n, k in ((16384, 1000), (65536, 1000), (1024, 50257)):
    z, t = 12 * torch.rand(n, k, device="cuda"), torch.rand(n, k, device="cuda") * 2 / k
    a, b = torch.randint(k, (n,), device="cuda"), torch.randint(k, (n,), device="cuda")
    row(f"cross entropy, dense, {n}x{k}", F.cross_entropy, z, t)
    row(f"cross entropy and gradient, dense, {n}x{k}", with_gradient(F.cross_entropy), z, t)
    row(f"cross entropy, two labels, {n}x{k}", two_labels, z, a, b)
    row(f"cross entropy and gradient, two labels, {n}x{k}", with_gradient(two_labels), z, a, b)
