"""What a record may say: the checks of its fields, in a file that anybody may have written, and in a row."""

from typing import Any

from lstm_zoo.text import profiles

RECORD = "record.json"  # in a `.keras` file


def check_record(record: Any) -> None:
    """Raise a ValueError for a record that no training wrote: a card would stumble over it."""
    if not isinstance(record, dict):
        raise ValueError(f"{RECORD} is an object. Received: {record!r:.160}")
    for field, fits in RECORDED.items():
        if record.get(field) is not None and not fits(record[field]):
            raise ValueError(f"{field} in {RECORD} is no such thing. Received: {record[field]!r:.160}")
    begun = record.get("begun_from")
    if begun is not None:
        if not isinstance(begun, dict) or not isinstance(begun.get("name"), str):
            raise ValueError(f"begun_from in {RECORD} is a record with a name. Received: {begun!r:.160}")
        check_record(begun)


def _is_text(value):
    return isinstance(value, str)


def _is_number(value):
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _maps(fits):
    """A check for an object whose values fit."""
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def is_scores(value: Any) -> bool:
    """Whether it is an object of numbers, or None, as JSON has what is not finite."""
    return _maps(_is_number)(value)


def is_out_of_domain(value: Any) -> bool:
    """Whether it is an object: name of other examples -> `metrics` and, by the names of baselines, `baselines`."""
    return isinstance(value, dict) and all(
        isinstance(scores, dict)
        and scores.keys() == {"metrics", "baselines"}
        and is_scores(scores["metrics"])
        and bool(scores["metrics"])
        and _maps(is_scores)(scores["baselines"])
        for scores in value.values()
    )


def is_reliability(value: Any) -> bool:
    """Whether it is what `lstm_zoo.calibration.reliability` returns: an entry a bin, None for means of an empty one."""
    if not isinstance(value, dict) or value.keys() != {"counts", "confidence", "accuracy"}:
        return False
    columns = value["counts"], value["confidence"], value["accuracy"]
    if not all(isinstance(column, list) and column and len(column) == len(columns[0]) for column in columns):
        return False
    return all(
        type(count) is int
        and count >= 0
        and all(type(mean) in (int, float) and 0 <= mean <= 1 if count else mean is None for mean in means)
        for count, *means in zip(*columns)
    )


def _is_range(value):
    return (
        isinstance(value, dict)
        and value.keys() == {"least", "most"}
        and all(isinstance(edge, (int, float)) and not isinstance(edge, bool) for edge in value.values())
    )


def is_profile(value: Any) -> bool:
    """Whether it is what `lstm_zoo.text.profiles.profile_of` or the task of forecasting or speech says of its
    examples."""
    match value:
        case {"band": dict(), "contrast": dict(), "level": dict(), "seconds": dict()}:
            return all(map(_is_range, value.values()))
        case {"step": None, "length": int(), "missing": int() | float()}:
            return True
        case {"step": {"hours": int() | float(), "words": str()}, "length": int(), "missing": int() | float()}:
            return value["step"]["hours"] > 0
    return profiles.is_profile(value)


# Field of a record -> whether a value can be that.
RECORDED = {
    **dict.fromkeys(("name", "network", "data", "data_license", "license", "limits"), _is_text),
    **dict.fromkeys(("command", "commit", "signature", "sha256", "chance", "choice"), _is_text),
    **dict.fromkeys(("metrics", "baselines"), _maps(is_scores)),
    "examples": _maps(lambda value: isinstance(value, int)),
    "versions": _maps(_is_text),
    "hyperparameters": _maps(lambda value: not isinstance(value, dict)),
    "target": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "seed": lambda value: isinstance(value, int),
    "profile": is_profile,
    "out_of_domain": is_out_of_domain,
    "reliability": is_reliability,
}
