"""What TFDS checks the files of a data set by: their bytes and SHA-256, as the file of its builder names them."""

from collections.abc import Mapping

from tensorflow_datasets.core.download.checksums import UrlInfo


class Checksum(UrlInfo):
    """Of a file whose bytes are not known: the SHA-256 alone decides whether a file is that one."""

    def __eq__(self, other):
        return self.checksum == other.checksum


def url_infos(
    files: Mapping[str, tuple[int | None, str]], names: Mapping[str, str] | None = None
) -> dict[str, UrlInfo]:
    """What a builder's attribute `url_infos` is, in the place of a `checksums.tsv`.

    TFDS hands it to the download manager, which so checks downloads and files in the manual folder.

    Args:
        files: address -> bytes, None where nobody has told them, and SHA-256.
        names: address -> name of the file, where it is not the end of the address.
    """
    return {
        url: (UrlInfo if size is not None else Checksum)(
            size or 0, sha256, (names or {}).get(url, url.rpartition("/")[2])
        )
        for url, (size, sha256) in files.items()
    }
