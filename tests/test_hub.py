"""hub.py, the server the tests push to, with the hub's own client."""

import pathlib

import hub
import pytest

huggingface_hub = pytest.importorskip("huggingface_hub", minversion="2")  # 0.x takes faults otherwise
from huggingface_hub import constants, errors, utils  # noqa: E402

NAME = "alice/reviews"
LARGE = bytes(range(256)) * 50_000  # 12.8 MB
FILES = {"config.json": b'{"task": "sentiment"}\n', "weights/pipeline.keras": LARGE}


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A running hub, and a client that never waits, keeps to `tmp_path` and knows no token but a test's."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    with hub.Hub() as running:
        yield running


@pytest.fixture
def api(server):
    return client(server, "hf_write")


@pytest.fixture
def folder(tmp_path):
    for path, content in FILES.items():
        place = tmp_path / "folder" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return tmp_path / "folder"


def client(server, token):
    return huggingface_hub.HfApi(endpoint=server.address, token=token)


def downloaded(folder):
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_push_and_what_comes_back(server, api, folder, tmp_path):
    assert api.whoami()["name"] == "alice"
    assert api.create_repo(NAME).repo_id == NAME
    commit = api.upload_folder(repo_id=NAME, folder_path=folder, commit_message="First")
    assert server.repositories[NAME].files() == FILES | hub.INITIAL
    assert server.repositories[NAME].commits[-1].sha == commit.oid == api.model_info(NAME).sha
    assert sorted(api.list_repo_files(NAME)) == sorted(FILES | hub.INITIAL)
    assert [method for method, path in server.requests].count("PUT") == 1  # the large one
    for path, content in FILES.items():
        assert pathlib.Path(api.hf_hub_download(NAME, path)).read_bytes() == content
    assert downloaded(api.snapshot_download(NAME)) == FILES | hub.INITIAL


def test_an_unchanged_push_is_no_commit_and_sends_nothing_again(server, api, folder):
    api.create_repo(NAME)
    first, second = (api.upload_folder(repo_id=NAME, folder_path=folder) for _ in range(2))
    assert first.oid == second.oid
    assert len(server.repositories[NAME].commits) == 2
    assert [method for method, path in server.requests].count("PUT") == 1


def test_a_client_with_xet(server, api, folder, monkeypatch):
    """It uploads open files without Xet, and any where the hub calls none large."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    server.add(NAME, {})
    with (folder / "weights/pipeline.keras").open("rb") as file:
        api.upload_file(repo_id=NAME, path_or_fileobj=file, path_in_repo="weights/pipeline.keras")
    assert server.repositories[NAME].files() == {"weights/pipeline.keras": LARGE}
    server.lfs = False
    server.add("alice/other", {})
    api.upload_folder(repo_id="alice/other", folder_path=folder)
    assert server.repositories["alice/other"].files() == FILES


def test_files_change_and_go(server, api, folder):
    server.add(NAME, FILES)
    card, last = b"---\nlicense: mit\n---\n", server.repositories[NAME].commits[-1].sha
    changes = [huggingface_hub.CommitOperationAdd("README.md", card), huggingface_hub.CommitOperationDelete("weights/")]
    api.create_commit(NAME, changes, commit_message="Changes", parent_commit=last)
    assert server.repositories[NAME].files() == {"config.json": FILES["config.json"], "README.md": card}
    with pytest.raises(errors.HfHubHTTPError, match="412"):
        api.upload_file(repo_id=NAME, path_or_fileobj=b"{}", path_in_repo="config.json", parent_commit=last)


def test_revisions(server, api):
    first = server.add(NAME, {"a.txt": b"1"}).commits[-1].sha
    api.create_tag(NAME, tag="v1")
    api.create_branch(NAME, branch="next")
    api.upload_file(repo_id=NAME, path_or_fileobj=b"2", path_in_repo="a.txt", revision="next")
    api.upload_file(repo_id=NAME, path_or_fileobj=b"3", path_in_repo="a.txt")
    for revision, content in {"v1": "1", first: "1", "next": "2", "main": "3"}.items():
        assert pathlib.Path(api.hf_hub_download(NAME, "a.txt", revision=revision)).read_text() == content
    assert api.model_info(NAME, revision="v1").sha == first
    assert len({commit.sha for commit in server.repositories[NAME].commits}) == 3
    with pytest.raises(errors.HfHubHTTPError, match="409"):
        api.create_tag(NAME, tag="v1")
    api.create_tag(NAME, tag="v1", exist_ok=True)


def test_what_is_not_there(server, api):
    server.add(NAME, {"a.txt": b"1"})
    for call in (api.model_info, api.list_repo_files, api.snapshot_download):
        with pytest.raises(errors.RevisionNotFoundError):
            call(NAME, revision="v2")
        with pytest.raises(errors.RepositoryNotFoundError):
            call("alice/nothing")
    with pytest.raises(errors.EntryNotFoundError):
        api.hf_hub_download(NAME, "b.txt")


def test_private(server, api):
    api.create_repo(NAME, private=True)
    assert server.repositories[NAME].private
    assert api.model_info(NAME).private
    for token, status in {False: "401", "hf_other": "404"}.items():
        with pytest.raises(errors.RepositoryNotFoundError, match=status):
            client(server, token).hf_hub_download(NAME, ".gitattributes")
    assert client(server, "hf_read").hf_hub_download(NAME, ".gitattributes")


def test_gated(server):
    server.add(NAME, {"a.txt": b"1"}, gated="manual")
    for token in (False, "hf_other"):
        assert client(server, token).model_info(NAME).gated == "manual"
        with pytest.raises(errors.GatedRepoError, match="ask for access"):
            client(server, token).snapshot_download(NAME)


def test_a_wrong_token(server):
    server.add(NAME, {"a.txt": b"1"})
    wrong = client(server, "hf_secret")
    for call in (wrong.whoami, lambda: wrong.create_repo(NAME), lambda: wrong.hf_hub_download(NAME, "a.txt")):
        with pytest.raises(errors.HfHubHTTPError, match="Invalid") as error:
            call()
        assert error.value.response.status_code == 401
        assert "hf_secret" not in str(error.value) + error.value.response.text


@pytest.mark.parametrize("token", ["hf_read", "hf_other", False])
def test_who_may_not_write(server, folder, token):
    server.add(NAME, {"a.txt": b"1"})
    other = client(server, token)
    with pytest.raises(errors.HfHubHTTPError, match="401" if token is False else "403"):
        other.create_repo("alice/new")
    with pytest.raises(errors.HfHubHTTPError, match="401" if token is False else "403"):
        other.upload_folder(repo_id=NAME, folder_path=folder)
    assert list(server.repositories) == [NAME]
    assert len(server.repositories[NAME].commits) == 1


def test_what_exists(server, api):
    api.create_repo(NAME)
    with pytest.raises(errors.HfHubHTTPError, match="You already created"):
        api.create_repo(NAME)
    assert api.create_repo(NAME, exist_ok=True).repo_id == NAME


@pytest.mark.parametrize("fault", ["upload_reset", "upload_closed", "upload_broken", "commit_broken", "batch_broken"])
def test_an_interrupted_upload_changes_nothing(server, api, folder, fault):
    api.create_repo(NAME)
    server.faults = [fault] * 6  # the client tries six times, but to commit
    with pytest.raises((RuntimeError, errors.HfHubHTTPError)):
        api.upload_folder(repo_id=NAME, folder_path=folder)
    assert server.repositories[NAME].files() == hub.INITIAL
    assert len(server.repositories[NAME].commits) == 1
    server.faults = []
    api.upload_folder(repo_id=NAME, folder_path=folder)
    assert server.repositories[NAME].files() == FILES | hub.INITIAL


def test_one_interruption_is_got_over(server, api, folder):
    api.create_repo(NAME)
    server.faults = ["upload_reset"]
    api.upload_folder(repo_id=NAME, folder_path=folder)
    assert server.repositories[NAME].files() == FILES | hub.INITIAL
    assert server.faults == []


def test_an_interrupted_download_goes_on(server, api, monkeypatch):
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100_000)
    server.add(NAME, FILES)
    server.faults = ["head_broken", "download_closed"]
    assert pathlib.Path(api.hf_hub_download(NAME, "weights/pipeline.keras")).read_bytes() == LARGE
    assert server.faults == []
    url = huggingface_hub.hf_hub_url(NAME, "config.json", endpoint=server.address)
    answer = utils.get_session().get(url, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.content) == (206, FILES["config.json"][5:])


def test_a_reset_download_leaves_nothing(server, api, tmp_path):
    server.add(NAME, FILES)
    server.faults = ["download_reset"]
    with pytest.raises(Exception, match="reset"):  # the HTTP library's: the client does not get over it
        api.hf_hub_download(NAME, "weights/pipeline.keras")
    assert [path for path in (tmp_path / "cache").rglob("blobs/*") if path.is_file()] == []
    assert pathlib.Path(api.hf_hub_download(NAME, "weights/pipeline.keras")).read_bytes() == LARGE
