"""bulk.py: frames, rows, iterators and files come back with their answers, whatever happens in between."""

import dataclasses
import importlib
import io
import json
import signal
import subprocess
import sys
import time
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tensorflow as tf
import tiny
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo import answering, bulk, outputs, tables

MODEL = "sentiment/attention"
TEXTS = [text for text, _ in TINY["sentiment"]["examples"]]
ROWWISE = {
    "sentiment/attention": ("text", "label"),
    "translation/attention": ("source", "text"),
    "speech/ctc": ("path", "text"),
    "speech/keyword": ("path", "label"),
    "text_generation/character": ("prompt", "text"),
}


def written(task, folder):
    """The examples of a task as a user's file, and words of a command line."""
    return importlib.import_module(f"tiny.{task}").write(folder)


@pytest.fixture
def few(monkeypatch):
    """Chunks of three rows."""

    def answerer(*arguments):
        answers = before(*arguments)
        return dataclasses.replace(answers, task=dataclasses.replace(answers.task, chunk=3))

    before = answering.answerer
    monkeypatch.setattr("lstm_zoo.inference.answerer", answerer)


@pytest.fixture
def frame():
    labels = [label for _, label in TINY["sentiment"]["examples"]]
    return pd.DataFrame({"id": range(len(TEXTS)), "text": TEXTS, "label": labels}, index=list("abcdefgh"))


class TestMemory:
    def test_frames_come_back_with_their_answers(self, frame):
        pipeline = pipeline_for(MODEL)
        answers = lstm_zoo.predict(pipeline, TEXTS)
        found = lstm_zoo.predict(pipeline, frame)
        assert list(found) == ["id", "text", "label", "predicted_label", "score"]
        pd.testing.assert_frame_equal(found[list(frame)], frame)
        assert found["predicted_label"].tolist() == [answer["label"] for answer in answers]
        assert found["score"].tolist() == [answer["score"] for answer in answers]
        assert list(frame) == ["id", "text", "label"]  # theirs is as it was

    def test_scores_are_columns(self, frame):
        found = lstm_zoo.predict(pipeline_for(MODEL), frame, scores=True)
        scores = found[["scores.negative", "scores.positive"]]
        np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(scores.max(axis=1), found["score"])
        [answer] = lstm_zoo.predict(pipeline_for(MODEL), "good", scores=True)
        assert answer["scores"][answer["label"]] == answer["score"]

    def test_rows_come_back_with_their_answers(self, frame, few):
        pipeline = pipeline_for(MODEL)
        expected = lstm_zoo.predict(pipeline, frame).to_dict("records")
        tiny.assert_alike(lstm_zoo.predict(pipeline, frame.to_dict("records")), expected)
        rows = lstm_zoo.predict(pipeline, iter(frame.to_dict("records")))
        assert isinstance(rows, types.GeneratorType)
        tiny.assert_alike(list(rows), expected)
        by_columns = lstm_zoo.predict(pipeline, {"text": TEXTS})
        assert by_columns["label"].tolist() == [row["predicted_label"] for row in expected]

    def test_one_row_and_arrays_of_other_libraries(self):
        pipeline = pipeline_for(MODEL)
        [expected] = lstm_zoo.predict(pipeline, "good")
        assert lstm_zoo.predict(pipeline, {"text": "good", "id": 7}) == [{"text": "good", "id": 7, **expected}]
        assert lstm_zoo.predict(pipeline, pa.chunked_array([["good"]])) == [expected]
        assert lstm_zoo.predict(pipeline, data=["good"])["label"].tolist() == [expected["label"]]

    def test_rows_of_a_data_set_of_tensorflow(self):
        dataset = tf.data.Dataset.from_tensor_slices({"text": ["good", "größer"], "id": [7, 8]})
        for found in (
            lstm_zoo.predict(pipeline_for(MODEL), dataset),
            lstm_zoo.predict(pipeline_for(MODEL), data=dataset).to_dict("records"),
        ):
            assert [(row["text"], row["id"]) for row in found] == [("good", 7), ("größer", 8)]

    def test_an_answer_has_one_name_in_all_rows(self, few):
        rows = [{"text": "a"}] * 4 + [{"text": "b", "label": "x"}]
        assert [row["predicted_label"] for row in lstm_zoo.predict(pipeline_for(MODEL), rows)]
        with pytest.raises(ValueError, match="Item 4 has label, which no row before it had"):
            list(lstm_zoo.predict(pipeline_for(MODEL), iter(rows)))

    def test_an_iterator_is_read_chunk_by_chunk(self, few):
        read = []
        answers = lstm_zoo.predict(pipeline_for(MODEL), (read.append(text) or text for text in TEXTS))
        assert not read
        assert next(answers).keys() == {"label", "score"}
        assert len(read) == 3
        assert len(list(answers)) == len(TEXTS) - 1

    def test_an_iterator_of_series(self, few):
        pipeline = pipeline_for("forecasting/segment")
        arrays = [np.sin(np.arange(length)) for length in (40, 50, 60, 70)]
        found = lstm_zoo.predict(pipeline, iter(arrays))
        # Values of about 1 in float32, some of them nearly 0: a batch of another size rounds their sums otherwise.
        np.testing.assert_allclose(list(found), lstm_zoo.predict(pipeline, arrays), rtol=1e-5, atol=1e-7)
        days = [
            pd.Series(values, pd.date_range("2026-01-01", periods=len(values)), name=str(len(values)))
            for values in arrays
        ]
        tables_of_all = list(lstm_zoo.predict(pipeline, iter(days)))
        assert [set(part["unique_id"]) for part in tables_of_all] == [{"40"}, {"50"}, {"60"}, {"70"}]

    def test_other_titles(self, frame):
        renamed = frame.rename(columns={"text": "review"}).assign(label=3, predicted_label=4)
        with pytest.raises(ValueError, match="lacks the column text.*columns={'text': 'id'}"):
            lstm_zoo.predict(pipeline_for(MODEL), renamed)
        with pytest.raises(ValueError, match="label and predicted_label already"):
            lstm_zoo.predict(pipeline_for(MODEL), renamed, columns={"text": "review"})
        assert "label" in lstm_zoo.predict(pipeline_for(MODEL), renamed[["review"]], columns="text=review")

    @pytest.mark.parametrize(
        ("raw", "options", "message"),
        [
            (pd.DataFrame({"text": ["a", 4]}), {}, "Row 1 is not a text"),
            ([{"text": "a"}, {"text": 4}], {}, "Item 1 is not a text"),
            ([{"text": "a"}, "b"], {}, "Item 1 is no dict with 'text'"),
            (["a"], {"columns": {"text": "b"}}, "columns and delimiter are for tables"),
            (pd.DataFrame({"text": ["a"]}), {"columns": {"foo": "text"}}, "gives the title of text, .* Received: foo"),
            ({"train": pa.table({"text": ["a"]})}, {}, r"One split of a data set is expected, like data\['train'\]"),
            (["a"], {"output": "a.csv"}, "output and resume go with data="),
            (["a"], {"data": "a.csv"}, "Either items or data= is expected. Received: both"),
            (None, {"data": "a.csv", "resume": True}, "resume goes on with an output"),
        ],
    )
    def test_bad_input(self, raw, options, message):
        with pytest.raises(ValueError, match=message):
            lstm_zoo.predict(pipeline_for(MODEL), raw, **options)

    @pytest.mark.parametrize("missing", [None, np.nan, ""])
    def test_a_missing_text_is_an_empty_one(self, missing):
        frame, pipeline = pd.DataFrame({"text": ["good", missing, "bad"]}), pipeline_for(MODEL)
        with pytest.warns(UserWarning, match="1 of 3 texts are empty or missing, and tell nothing: Row 1"):
            found = lstm_zoo.predict(pipeline, frame)
        assert found["label"].tolist() == [row["label"] for row in lstm_zoo.predict(pipeline, ["good", "", "bad"])]
        with pytest.warns(UserWarning, match="nothing: Item 1"):
            lstm_zoo.predict(pipeline, frame.to_dict("records"))

    def test_a_frame_without_rows(self):
        assert lstm_zoo.predict(pipeline_for(MODEL), pd.DataFrame({"text": []})).empty


class TestFiles:
    @pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.jsonl", "out.csv.gz", "out.parquet"])
    def test_a_file_is_a_frame(self, frame, few, tmp_path, name):
        frame.to_csv(tmp_path / "in.csv", index=False)
        pipeline = pipeline_for(MODEL)
        path = lstm_zoo.predict(pipeline, data=tmp_path / "in.csv", output=tmp_path / name)
        found, expected = tables.read(path).frame, lstm_zoo.predict(pipeline, frame)
        assert list(found) == list(expected)
        assert found["text"].tolist() == TEXTS
        assert found["predicted_label"].tolist() == expected["predicted_label"].tolist()
        np.testing.assert_allclose(found["score"].astype(float), expected["score"], rtol=1e-4)
        in_memory = lstm_zoo.predict(pipeline, data=tmp_path / "in.csv")
        assert in_memory["text"].tolist() == TEXTS
        assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", name]

    @pytest.mark.parametrize("model", ROWWISE)
    def test_every_task(self, model, few, tmp_path):
        column, answer = ROWWISE[model]
        data, _ = written(model.partition("/")[0], tmp_path)
        table = tables.read(data).frame if tables.is_table(data) else pd.DataFrame({"text": ["To be", "or", "", "not"]})
        table = table.rename(columns={"text": column}) if column == "prompt" else table
        table.to_csv(tmp_path / "in.csv", index=False)
        options = {"max_new_tokens": 3} if column == "prompt" else {}
        path = lstm_zoo.predict(pipeline_for(model), data=tmp_path / "in.csv", output=tmp_path / "out.csv", **options)
        found = tables.read(path).frame
        assert found[list(table)].to_dict("list") == table.to_dict("list")
        assert (f"predicted_{answer}" if answer in table else answer) in found
        assert ("error" in found) == (column == "path")

    def test_forecasts(self, few, tmp_path):
        data, _ = written("forecasting", tmp_path)
        pipeline = pipeline_for("forecasting/segment")
        expected = lstm_zoo.predict(pipeline, data=data)
        path = lstm_zoo.predict(pipeline, data=data, output=tmp_path / "out.csv")
        found = tables.read(path).frame
        assert list(found) == list(expected)
        assert found["unique_id"].tolist() == expected["unique_id"].tolist()
        np.testing.assert_allclose(found["q0.5"].astype(float), expected["q0.5"], rtol=1e-4)

    def test_lines_folders_and_standard_input(self, few, tmp_path, monkeypatch):
        pipeline = pipeline_for(MODEL)
        expected = [answer["label"] for answer in lstm_zoo.predict(pipeline, ["good", "", "bad, so bad", "film"])]
        (tmp_path / "lines.txt").write_text("good\n\nbad, so bad\nfilm\n")
        assert lstm_zoo.predict(pipeline, data=tmp_path / "lines.txt")["label"].tolist() == expected
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"good\n\nbad, so bad\nfilm")))
        assert lstm_zoo.predict(pipeline, data="-")["label"].tolist() == expected
        (tmp_path / "folder").mkdir()
        for number, text in enumerate(["good", "", "bad, so bad", "film"]):
            (tmp_path / "folder" / f"{number}.TXT").write_text(text)
        found = lstm_zoo.predict(pipeline, data=tmp_path / "folder")
        assert (list(found), found["label"].tolist()) == (["path", "text", "label", "score"], expected)
        with pytest.raises(ValueError, match="columns is for tables"):
            lstm_zoo.predict(pipeline, data=tmp_path / "folder", columns="text=a")

    def test_a_folder_of_recordings_and_one_that_is_none(self, few, tmp_path):
        written("speech", tmp_path)
        (tmp_path / "broken.wav").write_text("no audio")
        (tmp_path / "data.csv").unlink()
        found = lstm_zoo.predict(pipeline_for("speech/ctc"), data=tmp_path, output=tmp_path / "out.jsonl")
        rows = tables.read(found).frame
        assert rows["path"].tolist() == sorted(str(path) for path in tmp_path.glob("*.wav"))
        broken = rows["path"].str.endswith("broken.wav")
        assert rows["error"].notna().tolist() == broken.tolist()
        assert "is no audio file" in rows["error"][broken].item()

    def test_resume_loses_and_doubles_nothing(self, few, frame, tmp_path, monkeypatch):
        frame.to_csv(tmp_path / "in.csv", index=False)
        pipeline, calls, add = pipeline_for(MODEL), [], outputs.Output.add

        def killed(output, *arguments):
            calls.append(output.units)
            if len(calls) in (2, 4):
                raise KeyboardInterrupt
            add(output, *arguments)

        def go(**options):
            return lstm_zoo.predict(pipeline, data=tmp_path / "in.csv", output=tmp_path / "out.csv", **options)

        monkeypatch.setattr(outputs.Output, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            go()
        assert not (tmp_path / "out.csv").exists()
        with pytest.raises(FileExistsError, match="resume=True goes on with it"):
            go()
        with pytest.raises(ValueError, match="another run, .*options was"):
            go(resume=True, scores=True)
        with pytest.raises(KeyboardInterrupt):
            go(resume=True)
        found = tables.read(go(resume=True)).frame
        assert calls == [0, 3, 3, 6, 6]
        assert found["text"].tolist() == TEXTS
        assert found["id"].tolist() == [str(number) for number in range(len(TEXTS))]
        with pytest.warns(UserWarning, match="out.csv is whole already"):
            assert go(resume=True) == tmp_path / "out.csv"
        with pytest.raises(FileExistsError, match="out.csv exists already"):
            go()
        (tmp_path / "out.csv").unlink()

    def test_other_data_are_no_reason_to_go_on(self, few, frame, tmp_path, monkeypatch):
        frame.to_csv(tmp_path / "in.csv", index=False)
        answers = answering.answerer(pipeline_for(MODEL), {})
        monkeypatch.setattr(outputs.Output, "finish", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bulk.answer_file(answers, tmp_path / "in.csv", tmp_path / "out.csv")
        frame[:4].to_csv(tmp_path / "in.csv", index=False)
        with pytest.raises(ValueError, match="another run, .*data was"):
            bulk.answer_file(answers, tmp_path / "in.csv", tmp_path / "out.csv", resume=True)

    @pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
    def test_keys_that_change_from_row_to_row(self, few, tmp_path, name):
        rows = [{"id": 2**53 + 1, "text": "a"}] * 3 + [{"text": "b", "id": 2}, {"text": "c"}]
        (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
        table = tables.read(lstm_zoo.predict(pipeline_for(MODEL), data=tmp_path / "in.jsonl", output=tmp_path / name))
        assert list(table.frame) == ["id", "text", "label", "score"]
        assert [cell and int(cell) for cell in table.cells("id")] == [2**53 + 1] * 3 + [
            2,
            "" if "csv" in name else None,
        ]
        (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"text": "d", "late": 1}])))
        (tmp_path / name).unlink()
        with pytest.raises(ValueError, match="line 6 has late, which none of the first rows has"):
            lstm_zoo.predict(pipeline_for(MODEL), data=tmp_path / "in.jsonl", output=tmp_path / name)

    def test_a_wrong_line_stops_behind_the_chunks_before_it(self, few, tmp_path):
        (tmp_path / "in.csv").write_text("text,id\n" + "good,1\n" * 4 + "bad\n" + "good,1\n")
        with pytest.raises(ValueError, match="in.csv, line 6: 2 fields are expected"):
            lstm_zoo.predict(pipeline_for(MODEL), data=tmp_path / "in.csv", output=tmp_path / "out.csv")
        assert json.loads((tmp_path / "out.csv.part.json").read_text())["units"] == 3


def test_a_killed_process_goes_on(tmp_path, trained_once):
    (tmp_path / "in.csv").write_text("id,text\n" + "".join(f"{row},good film {row}\n" for row in range(5000)))
    words = ["predict", trained_once[1] / "pipeline.keras", "--data", "in.csv", "--output", "out.csv", "--resume"]
    command = [sys.executable, "-m", "lstm_zoo", *map(str, words)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while process.poll() is None and not (tmp_path / "out.csv.part.json").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "out.csv").exists()
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert finished.stdout == "out.csv\n"
    assert tables.read(tmp_path / "out.csv").cells("id") == [str(row) for row in range(5000)]


class TestEvaluate:
    def test_labels(self, tmp_path, frame):
        metrics = lstm_zoo.evaluate(pipeline_for(MODEL), frame, output=tmp_path / "errors.csv")
        rows = tables.read(tmp_path / "errors.csv").frame
        assert list(rows) == ["text", "label", "predicted_label", "score", "correct"]
        assert rows["text"].tolist() == TEXTS
        assert (rows["correct"] == "True").mean() == pytest.approx(metrics["accuracy"], abs=1e-4)
        confusion = pd.read_csv(tmp_path / "errors.confusion.csv", index_col="label")
        assert confusion.to_numpy().sum() == len(TEXTS)
        assert np.trace(confusion) == (rows["correct"] == "True").sum()
        assert (tmp_path / "errors.confusion.png").read_bytes().startswith(b"\x89PNG")
        with pytest.raises(FileExistsError, match=r"errors.csv exists already"):
            lstm_zoo.evaluate(pipeline_for(MODEL), frame, output=tmp_path / "errors.csv")
        with pytest.raises(FileExistsError, match=r"errors.confusion.csv exists already"):
            lstm_zoo.evaluate(pipeline_for(MODEL), frame, output=tmp_path / "errors.jsonl")
        assert list(confusion) == ["negative", "positive"]

    @pytest.mark.parametrize(
        ("model", "titles"),
        [
            ("translation/attention", ["source", "target", "predicted_target", "score", "chrf"]),
            ("speech/ctc", ["row", "speaker", "text", "predicted_text", "score", "wer"]),
            ("speech/keyword", ["row", "speaker", "label", "predicted_label", "score", "correct"]),
            ("text_generation/character", ["text", "tokens", "nll_total"]),
        ],
    )
    def test_every_row(self, model, titles, tmp_path):
        examples = TINY[model.partition("/")[0]]["examples"]
        lstm_zoo.evaluate(pipeline_for(model), examples, output=tmp_path / "errors.jsonl")
        rows = tables.read(tmp_path / "errors.jsonl").frame
        assert (list(rows), len(rows)) == (titles, len(examples))

    def test_tokens_of_texts_are_all(self, tmp_path):
        pipeline, texts = pipeline_for("text_generation/character"), ["To be,", "or not"]
        metrics = lstm_zoo.evaluate(pipeline, texts, output=tmp_path / "errors.jsonl")
        rows = tables.read(tmp_path / "errors.jsonl").frame
        assert rows["tokens"].tolist() == [7, 6]
        assert rows["nll_total"].sum() / 13 == pytest.approx(metrics["nll"], abs=1e-4)

    def test_forecasts(self, tmp_path):
        data, _ = written("forecasting", tmp_path)
        lstm_zoo.evaluate(pipeline_for("forecasting/segment"), data, output=tmp_path / "errors.csv")
        assert list(tables.read(tmp_path / "errors.csv").frame)[:5] == ["unique_id", "cutoff", "ds", "y", "mean"]
