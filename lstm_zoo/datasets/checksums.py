"""What TFDS checks the files of a data set by: their bytes and SHA-256, as the file of its builder names them."""

from collections.abc import Mapping

from tensorflow_datasets.core.download.checksums import UrlInfo


def url_infos(files: Mapping[str, tuple[int, str]]) -> dict[str, UrlInfo]:
    """What a builder's attribute `url_infos` is, in the place of a `checksums.tsv`.

    TFDS hands it to the download manager, which so checks downloads and files in the manual folder.

    Args:
        files: address -> bytes and SHA-256. The name of a file is the end of its address.
    """
    return {url: UrlInfo(size, sha256, url.rpartition("/")[2]) for url, (size, sha256) in files.items()}
