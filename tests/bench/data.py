"""data.py - the catalogue that is measured on, and what is asked of it.

The film catalogue where there is one, else one that is made up: as many titles, the same members, and
lengths, counts and frequencies distributed alike. The same each time.
"""
import json
import lzma
import random
import re
from collections import Counter

TITLES, SERIES, PEOPLE, WORDS = 36844, 301, 28630, 60000
# Shares of titles that have each genre, in per cent.
GENRES = {"Drama": 38.6, "Comedy": 28.7, "Silent": 19.3, "Western": 12.1, "Romance": 7.8, "Crime": 7.3,
          "Action": 6.3, "Thriller": 5.5, "Adventure": 4.9, "Musical": 4.8, "Horror": 4.8, "War": 4.6,
          "Mystery": 3.2, "Science Fiction": 3.2, "Noir": 3.0, "Short": 2.8, "Animated": 2.4,
          "Fantasy": 2.2, "Biography": 2.0, "Historical": 1.5, "Documentary": 1.4, "Sports": 1.2}
# Quantiles: characters of a plot, people in a cast, words of a title, year of release.
PLOT = [(0, 0), (.055, 0), (.1, 116), (.25, 173), (.5, 280), (.75, 395), (.9, 538), (.99, 847), (1, 2171)]
CAST = [(0, 0), (.04, 0), (.1, 2), (.25, 2), (.5, 3), (.75, 3.5), (.9, 6), (.99, 23), (1, 59)]
TITLE = [(0, 1), (.1, 1), (.25, 2), (.5, 3), (.75, 4), (.9, 5), (.99, 7), (1, 12)]
YEAR = [(0, 1900), (.1, 1919), (.25, 1928), (.5, 1949), (.75, 1990), (.9, 2010), (1, 2023)]
# Of four letters and more, with nothing beside it that folding might join or split.
WHOLE_WORD = re.compile(r"(?<![\w'’.-])[^\W\d_]{4,}(?![\w'’-]|\.\w)")


def read(path):
    opened = lzma.open if str(path).endswith(".xz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def quantile(points, at):
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return points[-1][1]


def names_of(rng, count, syllables, most):
    """Different words, made of syllables."""
    found = {}
    while len(found) < count:
        found["".join(rng.choices(syllables, k=rng.randint(1, most)))] = True
    return list(found)


def generate():
    """The made-up catalogue. Words and people are as unevenly used as in a true one (Zipf)."""
    rng = random.Random(1895)
    syllables = [c + v + e for c in "b c d f g h j k l m n p r s t v w st tr br".split() for v in "aeiou"
                 for e in ("", "n", "r", "l", "s", "m")]
    words = names_of(rng, WORDS, syllables, 4)
    words.sort(key=lambda w: len(w) + rng.random() * 5)  # those that are used often are short
    people = [f"{a.title()} {b.title()}" for a, b in zip(rng.choices(words[:4000], k=PEOPLE),
                                                         words[-PEOPLE:])]
    word_weight = accumulate([1 / (n + 2.7) for n in range(WORDS)])
    title_weight = accumulate([1 / (n + 300) for n in range(WORDS)])
    person_weight = accumulate([1 / (n + 200) for n in range(PEOPLE)])
    for nr in range(1, TITLES + 1):
        year = int(quantile(YEAR, nr / TITLES))
        cast = rng.choices(people, cum_weights=person_weight, k=int(quantile(CAST, rng.random())))
        title = rng.choices(words, cum_weights=title_weight, k=int(quantile(TITLE, rng.random())))
        length, plot = quantile(PLOT, rng.random()), []
        for word in rng.choices(words, cum_weights=word_weight, k=int(length / 4) + 1):
            if sum(map(len, plot)) + len(plot) + len(word) > length:
                break
            plot.append(word)
        name = " ".join(title).title()
        yield {"id": nr, "type": "series" if nr > TITLES - SERIES else "movie", "title": name,
               "year": year, "cast": list(dict.fromkeys(cast)),
               "genres": [g for g, share in GENRES.items() if rng.random() * 100 < share],
               "plot": " ".join(plot).capitalize(), "original_title": "",
               "votes": int(rng.paretovariate(0.5)) % 14000 if rng.random() < 0.12 else 0, "lang": "en",
               "href": f"{name}_{nr}".replace(" ", "_") if rng.random() < 0.94 else ""}


def accumulate(weights):
    total, sums = 0.0, []
    for w in weights:
        total += w
        sums.append(total)
    return sums


def write(rows, path):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def search_words(rows):
    """What is searched for: words of many titles, of a few, of none."""
    count = Counter(word for r in rows for word in set(WHOLE_WORD.findall(
        " ".join([r["title"], r["plot"], *r["cast"]]).lower())) if word.isascii())
    rng = random.Random(1941)
    often = sorted(w for w, n in count.items() if len(rows) * .03 <= n <= len(rows) * .15)
    seldom = sorted(w for w, n in count.items() if n <= 3 and len(w) >= 6)
    never = [f"zxq{a}{b}vw" for a in "abcdefghij" for b in "klmnopqrst"]
    return {"common": rng.sample(often, min(20, len(often))),
            "rare": rng.sample(seldom, min(200, len(seldom))),
            "none": [w for w in never if w not in count]}
