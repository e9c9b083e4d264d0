"""Draws, boxes and plans: all of it plain numbers."""
import math

from streams import Stream

LAMBDA, PLACE, SIDES, GATE, PARTNER, CUTOUT, SWITCH = 1, 2, 3, 4, 5, 6, 7
EMPTY = (0, 0, 0, 0)


def sample_draws(options, stream, sample):
    """lambda, y, x, height, width, gate"""
    if options["alpha"] > 0:
        lam = stream.substream(sample, LAMBDA).beta(options["alpha"])
    else:
        lam = 0.0 if options.get("profile") == "composer" else 1.0
    place, sides = stream.substream(sample, PLACE), stream.substream(sample, SIDES)
    return (lam, place.uniform(), place.uniform(), sides.uniform(), sides.uniform(),
            stream.substream(sample, GATE).uniform())


def clip(begin, end, size):
    return min(max(begin, 0), size), min(max(end, 0), size)


def half_away(x):
    """Rounds halves up, as C's round does for numbers >= 0; floor(x + 0.5) would round 0.5 - 2^-54 up too."""
    return math.floor(x) + (x - math.floor(x) >= 0.5)


def inside(u, side, size):
    begin = int(u * (size - side + 1))
    return begin, begin + side


def centre(u, side, size, uniform):
    if uniform:
        return int(u * (size + side)) - (side + 1) // 2
    return int(u * size)


def box_from(draws, options, h, w):
    """(y0, x0, y1, x1), and the share of the image that it leaves."""
    if h == 0 or w == 0:
        return EMPTY, 1.0
    lam, *place = draws[:3]
    sides, sampling, length = draws[3:5], options["sampling"], options["length"]
    profile = options.get("profile", "none")
    if profile == "composer" and length is not None:
        lam, length = int(length * w) * int(length * h) / (h * w), None
    spans, uniform = [], sampling == "uniform"
    for u, v, size in zip(place, sides, (h, w)):
        if length is not None:
            side = int(length * size)
            begin = centre(u, side, size, uniform) - side // 2
            span = inside(u, side, size) if sampling == "exact" else clip(begin, begin + side, size)
        elif sampling == "minmax" and profile == "timm":
            low, high = int(size * options["min_side"]), int(size * options["max_side"])
            side = low + int(v * (high - low))
            begin = int(u * (size - side))
            span = begin, begin + side
        elif sampling == "minmax":
            low = max(1, half_away(options["min_side"] * size))
            high = max(low, half_away(options["max_side"] * size))
            span = inside(u, low + int(v * (high - low + 1)), size)
        elif sampling == "exact":
            height = min(max(half_away(h * math.sqrt(1 - lam)), 1), h)
            width = min(w, half_away((1 - lam) * h * w / height))
            span = inside(u, width if spans else height, size)
        else:
            side = int(size * math.sqrt(1 - lam))
            c = centre(u, side, size, uniform)
            span = clip(c - side // 2, c + side // 2, size)
        spans.append(span)
    (y0, y1), (x0, x1) = spans
    box = (y0, x0, y1, x1) if y0 < y1 and x0 < x1 else EMPTY
    return box, kept_share(box, h, w, profile)


def kept_share(box, h, w, profile="none"):
    area = (box[2] - box[0]) * (box[3] - box[1])
    if h * w == 0:
        return 1.0
    return (h * w - area) / (h * w) if profile == "none" else 1 - area / (h * w)


def partners(options, stream, n):
    pairing = options["pairing"]
    if pairing == "roll":
        return [(i - 1) % n for i in range(n)]
    if pairing == "flip":
        return [n - 1 - i for i in range(n)]
    stream = stream.substream(0, PARTNER)
    return stream.permutation(n) if pairing == "random" else stream.derangement(n)


def all_draws(options, stream, n):
    """Those of each box or lambda of a plan: one, or one a sample."""
    if not options["per_sample"] and not options["probability_per_sample"]:
        return [sample_draws(options, stream, 0)]
    rows = []
    for i in range(n):
        draws = sample_draws(options, stream, i if options["per_sample"] else 0)
        gate = sample_draws(options, stream, i if options["probability_per_sample"] else 0)[5]
        rows.append((*draws[:5], gate))
    return rows


def sample_plan(options, stream, n, h, w):
    """partner, boxes, lambda"""
    boxes, lam = [], []
    for draws in all_draws(options, stream, n):
        box, share = box_from(draws, options, h, w)
        mixed = draws[5] < options["probability"]
        boxes.append(box if mixed else EMPTY)
        lam.append(share if mixed else 1.0)
    return partners(options, stream, n), boxes, lam


def sample_mixup_plan(options, stream, n):
    lam = [d[0] if d[5] < options["probability"] else 1.0 for d in all_draws(options, stream, n)]
    return partners(options, stream, n), [EMPTY], lam


def sample_switch_plan(options, mixup_alpha, cutmix_share, per, stream, n, h, w):
    partner = partners(options, stream, n)
    boxes, lam = [], []
    for i in range(1 if per == "batch" else n):
        decides = min(i, partner[i]) if per == "pair" else i
        pastes = stream.substream(decides, SWITCH).uniform() < cutmix_share
        of = options if pastes else {**options, "alpha": mixup_alpha, "profile": "none"}
        draws = sample_draws(of, stream, decides)
        box, share = EMPTY, 1.0
        if draws[5] < options["probability"]:
            box, share = box_from(draws, options, h, w) if pastes else (EMPTY, draws[0])
        boxes.append(box)
        lam.append(share)
    return partner, boxes, lam


def sample_cutout(length, per_sample, stream, n, h, w):
    side, boxes = int(length * min(h, w)), []
    for i in range(n if per_sample else 1):
        place = stream.substream(i, CUTOUT)
        y, x = int(place.uniform() * h) - side // 2, int(place.uniform() * w) - side // 2
        (y0, y1), (x0, x1) = clip(y, y + side, h), clip(x, x + side, w)
        boxes.append((y0, x0, y1, x1) if y0 < y1 and x0 < x1 else EMPTY)
    return boxes


def stream_of(arguments):
    """The stream that the arguments of a case name."""
    return Stream(**arguments["stream"], sample=arguments.get("sample", 0), purpose=arguments.get("purpose", 0))
