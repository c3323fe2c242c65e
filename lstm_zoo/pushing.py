"""`push`: a pipeline and its card to the Hugging Face hub."""

from __future__ import annotations

import json
import math
import os
import pathlib
import re
import tempfile
from typing import TYPE_CHECKING, Any

from lstm_zoo import cards, registry
from lstm_zoo.calibration import RELIABILITY, plot_reliability
from lstm_zoo.cards.markdown import page
from lstm_zoo.engines import in_tensorflow
from lstm_zoo.precision import in_float32
from lstm_zoo.processes import check_process
from lstm_zoo.weights import archive, checks, hub, locate

if TYPE_CHECKING:
    import huggingface_hub
    import keras

FILE, CARD, CURVES = "pipeline.keras", "README.md", "curves.png"
RESERVED = ("readme", "curves", "reliability")


@in_float32()
def push(
    pipeline: str | pathlib.Path | keras.Model,
    to: str,
    *,
    private: bool = False,
    license: str | None = None,
    metrics: str | os.PathLike | dict[str, Any] | None = None,
) -> str:
    """Write a pipeline to the Hugging Face hub, with a model card that tells what it is and how good.

    The repository is made if there is none. All files are one commit: an upload that breaks off leaves a repository as
    it was, a new one empty. The card is the README of a repository with one pipeline, in the place of an older one.

    Args:
        pipeline: what `load` or `train` returned, or a name that `load` takes, whose file is written byte for byte; of
            the pipeline of a run, its learning curves too, and of labels their reliability diagram.
        to: "hf://owner/name", "hf://owner/name@branch" for a branch that exists, or "hf://owner/name/file.keras" where
            a repository holds several, the further ones with their cards beside them. Otherwise the file is called
            pipeline.keras; it takes the place of an older one.
        private: make a repository that only its owner sees. One that exists and is public is refused.
        license: of a pipeline of one's own, as the hub calls it, like "mit". None: that of a published file, else none
            is told.
        metrics: that the card tells as those of a test: what `evaluate` returned, baselines in it, or the path of what
            `lstm-zoo evaluate --json` printed. None: those of a published file, or on the run's validation data.

    Returns:
        The address of the commit, "hf://owner/name@...", which `load` takes.

    Raises:
        ValueError: no address of the hub, no pipeline of the zoo, a public repository that was to be private, one that
            holds other pipelines, metrics of another task.
        FileNotFoundError: a file that does not exist; a repository that the token may not see.
        OSError: the hub could not be asked, or refused; the token is that of `HF_TOKEN` or of `hf auth login`.
        ImportError: huggingface_hub is missing.

    Example:

    >>> push("runs/tickets/pipeline.keras", "hf://me/tickets", private=True)
    'hf://me/tickets@4f1c...'
    """
    check_process()
    reference = hub.parse(to)
    if license is not None and not isinstance(license, str):
        raise ValueError(f"license is what the hub calls it, like 'mit'. Received: {license!r:.160}")
    if reference.file is not None and pathlib.PurePosixPath(reference.file).stem.lower().rpartition(".")[2] in RESERVED:
        raise ValueError(f"Cards and plots are called {', '.join(RESERVED)}; choose another name than {reference}")
    client = hub.api("push")
    if hub.is_offline():
        raise OSError(f"The hub cannot be asked for {reference}: LSTM_ZOO_OFFLINE or HF_HUB_OFFLINE forbids it.")
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, FILE)
        information, curves = _write(pipeline, file)
        if metrics is not None:
            information |= _measured(information, metrics)
        if information["name"].endswith(".keras"):
            information["name"] = reference.repository
        if license is not None:
            information["license"] = license
        header = _metadata(information, reference).to_yaml()
        with hub.explained(reference, client):
            names = _repository(reference, client, private)
            target, card, *pictures = _targets(reference, names)
            address = f"hf://{reference.repository}{f'/{reference.file}' if reference.file else ''}"
            drawn = _drawn(information["reliability"], pathlib.Path(folder, RELIABILITY))
            plots = list(zip(pictures, (curves, drawn)))
            shown = [None if plot is None else pathlib.PurePosixPath(picture).name for picture, plot in plots]
            text = page(information, address, *shown)
            operations = [
                CommitOperationAdd(target, file),
                CommitOperationAdd(card, f"---\n{header}\n---\n\n{text}".encode()),
            ]
            for picture, plot in plots:
                if plot is not None:
                    operations.append(CommitOperationAdd(picture, plot.read_bytes()))
                elif picture in names:  # that of an older run
                    operations.append(CommitOperationDelete(picture))
            operations += _renamed(reference, client, names)
            done = client.create_commit(
                reference.repository,
                operations,
                revision=reference.revision,
                commit_message=f"{information['name']} of lstm_zoo",
            )
    return str(hub.Reference(reference.repository, done.oid, reference.file))


def _targets(reference, names):
    """Paths in the repository of a pipeline, its card, its curves and its reliability diagram; of a further pipeline
    they are beside it."""
    target = reference.file or FILE
    if target == FILE or not _others(target, names):
        return target, CARD, CURVES, RELIABILITY
    endings = (".md", ".png", f".{RELIABILITY}")
    return target, *(str(pathlib.PurePosixPath(target).with_suffix(ending)) for ending in endings)


def _drawn(diagram, path):
    """The path of a plot of a reliability diagram; None for none."""
    if diagram is None:
        return None
    plot_reliability(diagram, path)
    return path


def _others(target, names):
    return sorted(name for name in names if name.endswith(".keras") and name != target)


def _renamed(reference, client, names):
    """The README of the pipeline that was alone until now, which is loaded by the name of its file from now on."""
    from huggingface_hub import CommitOperationAdd

    others = _others(reference.file or FILE, names)
    if len(others) != 1 or (reference.file or FILE) in (FILE, *names) or CARD not in names:
        return []
    path = client.hf_hub_download(reference.repository, CARD, revision=reference.revision)
    before = pathlib.Path(path).read_text(encoding="utf-8")
    alone = f'load("hf://{reference.repository}")'
    after = before.replace(alone, f'load("hf://{reference.repository}/{others[0]}")')
    return [CommitOperationAdd(CARD, after.encode())] if after != before else []


def _write(pipeline, file):
    """Write a pipeline to a file; what is known of it, and the path of its learning curves, if there are some."""
    if not isinstance(pipeline, (str, pathlib.Path)):
        information = cards.info(pipeline)
        archive.write(in_tensorflow(pipeline), file)
        return {**information, **cards.of_file(file)}, None
    path = locate(pipeline)
    information = cards.info(path)
    file.write_bytes(path.read_bytes())
    curves = path.with_name(CURVES)
    of_run = path.name == FILE and path.with_name("settings.json").is_file() and curves.is_file()
    return information, curves if of_run else None


def _measured(information, metrics):
    """The fields of a card for what `evaluate` returned, or a file with it."""
    if isinstance(metrics, (str, os.PathLike)):
        try:
            metrics = json.loads(pathlib.Path(metrics).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{metrics} is no JSON, which `lstm-zoo evaluate --json` prints: {error}") from error
    test = dict(metrics) if isinstance(metrics, dict) else {}
    baselines = test.pop("baselines", {})
    told = [test, *(baselines.values() if isinstance(baselines, dict) else [None])]
    if not all(scores and checks.is_scores(scores) for scores in told):
        raise ValueError(f"metrics is what evaluate returned, names and numbers. Received: {metrics!r:.160}")
    known = {name for scores in (information["metrics"] or {}).values() for name in scores}
    if known and not known & test.keys():
        raise ValueError(
            f"metrics are those of another task. Expected: {', '.join(sorted(known))}. Received: {', '.join(test)}"
        )
    scores = {**(information["metrics"] or {}), "test": test}
    return {"metrics": scores, "baselines": baselines, "tested_on": "data of its user"}


def _repository(reference: hub.Reference, client: huggingface_hub.HfApi, private: bool) -> list[str]:
    """Paths of the files of the repository, which is made if there is none; refused is one that others would see, or
    that `load` could not choose from."""
    if not client.repo_exists(reference.repository) and reference.revision is None:
        client.create_repo(reference.repository, private=private)
    elif private and not client.model_info(reference.repository).private:
        raise ValueError(f"{reference} exists and is public; private=True makes new repositories alone.")
    names = client.list_repo_files(reference.repository, revision=reference.revision)
    others = _others(reference.file or FILE, names)
    if others and reference.file is None:
        raise ValueError(
            f"{reference} holds {', '.join(others)} already. A further pipeline needs a name, {reference}/NAME.keras; "
            f"{reference}/{FILE} is a name too."
        )
    return names


def _metadata(information: dict[str, Any], reference: hub.Reference) -> huggingface_hub.ModelCardData:
    """What the hub reads of a card: its languages, licence, library, and the metrics as `model-index`."""
    import huggingface_hub

    task = registry.get_task(information["network"])
    languages = information["languages"] or None
    results = list(_results(information, task))
    return huggingface_hub.ModelCardData(
        model_name=reference.repository.partition("/")[2],
        language=languages,
        license=information["license"].lower() if information["license"] else None,
        library_name="keras",
        pipeline_tag=task.hub_task,
        tags=["lstm_zoo", "lstm", "keras", information["network"].replace("/", "-")],
        eval_results=results or None,
    )


def _results(information, task):
    """The metrics by split, and those of the baselines beside those of the last split."""
    from huggingface_hub import EvalResult

    metrics, trained_on = information["metrics"] or {}, information["data"] or "unknown"
    told = [(split, None, scores) for split, scores in metrics.items()]
    told += [(list(metrics)[-1], name, scores) for name, scores in (information["baselines"] or {}).items() if metrics]
    for split, baseline, scores in told:
        data = information.get("tested_on", trained_on) if split == "test" else trained_on
        for metric, value in scores.items():
            if value is None or not math.isfinite(value):
                continue
            yield EvalResult(
                task_type=task.hub_task,
                dataset_type=re.sub(r"[^\w./-]+", "-", data),
                dataset_name=data,
                dataset_split=split,
                metric_type=metric,
                metric_name=metric if baseline is None else f"{metric} of a baseline: {baseline}",
                metric_value=value,
            )
