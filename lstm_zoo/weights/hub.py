"""The Hugging Face hub: what `hf://owner/name` means, and the file that it names; `pushing` writes there.

The token is that of huggingface_hub: `HF_TOKEN`, or what `hf auth login` kept; `HF_ENDPOINT` names another hub. Files
from it are kept in its own cache, `HF_HOME`, for all programs that use it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_zoo.optional import need
from lstm_zoo.progress import on_terminal
from lstm_zoo.weights import places

if TYPE_CHECKING:
    import huggingface_hub

FORM = "hf://owner/name, hf://owner/name@revision, or either with /file.keras behind it"
_REFERENCE = re.compile(
    r"hf://(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>refs/\w+/[^/]+|[^/]+))?(?:/(?P<file>.+\.keras))?/?"
)


@dataclasses.dataclass(frozen=True)
class Reference:
    """A pipeline on the hub."""

    repository: str
    """`owner/name`."""
    revision: str | None = None
    """Branch, tag or commit; None: the main branch."""
    file: str | None = None
    """Path in the repository; None: the one `.keras` file that there is."""

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"hf://{self.repository}{revision}{f'/{self.file}' if self.file else ''}"


def parse(address: str) -> Reference:
    """What an address means.

    Raises:
        ValueError: something else than `FORM`.
    """
    match = _REFERENCE.fullmatch(address) if isinstance(address, str) else None
    if match is None or (match["file"] and {"", ".", ".."} & set(re.split(r"[/\\]", match["file"]))):
        raise ValueError(f"A pipeline on the hub is {FORM}. Received: {address!r}")
    return Reference(**match.groupdict())


def api(user: str) -> huggingface_hub.HfApi:
    """huggingface_hub's client for the hub of the environment, as it is now; an ImportError says what needs it."""
    need("huggingface_hub", "hf", user)
    import huggingface_hub
    from huggingface_hub.utils import disable_progress_bars

    if not on_terminal():
        disable_progress_bars()
    return huggingface_hub.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)


def is_offline() -> bool:
    """Whether `LSTM_ZOO_OFFLINE`, or the hub's own `HF_HUB_OFFLINE`, forbids any network."""
    import huggingface_hub

    return places.is_offline() or huggingface_hub.is_offline_mode()


def download(address: str) -> pathlib.Path:
    """Path of the `.keras` file that an address means, from the hub or its cache.

    Raises:
        FileNotFoundError: a repository, revision or file that the hub does not have or show; without a network, one
            that the cache does not have.
        ValueError: no address of the hub; a repository without a `.keras` file, or with several.
        OSError: the hub could not be asked.
        ImportError: huggingface_hub is missing.
    """
    reference = parse(address)
    client = api("hf://...")
    offline = is_offline()
    with explained(reference, client):
        file = reference.file or _only(files_of(reference, client, offline), reference)
        if offline and reference.file is None:
            warnings.warn(f"Offline: {file} is what the cache has of {reference}.", stacklevel=2)
        path = client.hf_hub_download(reference.repository, file, revision=reference.revision, local_files_only=offline)
    return pathlib.Path(path)


def files_of(reference: Reference, client: huggingface_hub.HfApi, offline: bool = False) -> list[str]:
    """Paths of the `.keras` files of a repository; without a network of those in the cache."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if not offline:
        try:
            names = client.list_repo_files(reference.repository, revision=reference.revision)
            return sorted(name for name in names if name.endswith(".keras"))
        except (HfHubHTTPError, HFValidationError):  # it did answer
            raise
        except Exception:  # nobody listens; the cache may have it
            with contextlib.suppress(FileNotFoundError):
                return _cached(reference, client)
            raise
    return _cached(reference, client)


def _cached(reference, client):
    """Paths of the `.keras` files of a repository in the cache."""
    folder = client.snapshot_download(reference.repository, revision=reference.revision, local_files_only=True)
    return sorted(path.relative_to(folder).as_posix() for path in pathlib.Path(folder).rglob("*.keras"))


def _only(files, reference):
    if len(files) == 1:
        return files[0]
    if not files:
        raise ValueError(f"{reference} holds no .keras file, which a pipeline is.")
    raise ValueError(f"{reference} holds {len(files)} pipelines; name one of them: {reference}/{{{', '.join(files)}}}")


@contextlib.contextmanager
def explained(reference: Reference, client: huggingface_hub.HfApi) -> Iterator[None]:
    """Errors of huggingface_hub within the block say what to do, and never show a token."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise FileNotFoundError(
            f"{reference} is gated: ask for access at {places.redacted(client.endpoint)}/{reference.repository}, with "
            "the account of the token that HF_TOKEN or `hf auth login` gives."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise FileNotFoundError(f"{reference.repository} has no revision {reference.revision!r}.") from error
    except errors.LocalEntryNotFoundError as error:
        why = (
            "LSTM_ZOO_OFFLINE or HF_HUB_OFFLINE forbids the download."
            if is_offline()
            else f"{places.redacted(client.endpoint)} cannot be asked: {_reason(error)}"
        )
        raise FileNotFoundError(f"{reference} is not in the cache of the hub, and {why}") from error
    except errors.RepositoryNotFoundError as error:
        raise FileNotFoundError(
            f"{reference} does not exist on {places.redacted(client.endpoint)}, or {_unreadable()}."
        ) from error
    except errors.EntryNotFoundError as error:
        raise FileNotFoundError(f"{reference.repository} has no file {reference.file!r}.") from error
    except errors.HFValidationError as error:
        raise ValueError(f"A pipeline on the hub is {FORM}. Received: {reference}. {error}") from error
    except Exception as error:  # those of whatever HTTP library it uses, and of its own threads
        if type(error) is ValueError:  # ours
            raise
        raise OSError(
            f"{places.redacted(client.endpoint)} was asked for {reference} in vain: {_reason(error)}"
        ) from error


def _reason(error):
    """What went wrong at the root, without the token."""
    import huggingface_hub

    status = None
    while error is not None:
        root, status = error, status or getattr(getattr(error, "response", None), "status_code", None)
        error = error.__cause__
    if status in (401, 403):
        return f"{status}, {_refused()}"
    text, token = str(root) or type(root).__name__, huggingface_hub.get_token()
    for form in (token, repr(token)[1:-1], repr(str(token).encode())[2:-1]) if token else ():
        text = text.replace(form, "...")
    return places.redacted(" ".join(text.split()))


def _unreadable():
    import huggingface_hub

    if huggingface_hub.get_token() is None:
        return "is private: HF_TOKEN or `hf auth login` gives a token, and there is none"
    return "is private, and the token that HF_TOKEN or `hf auth login` gives may not read it"


def _refused():
    import huggingface_hub

    if huggingface_hub.get_token() is None:
        return "it wants a token, which HF_TOKEN or `hf auth login` gives"
    return "the token that HF_TOKEN or `hf auth login` gives is not valid, or may not do this"
