"""Packages of Debian 12 that hold texts in German and English: addresses, bytes and SHA-256, and what is in them."""

import dataclasses
import pathlib
from collections.abc import Iterator

from lstm_zoo.optional import need

# The archive of all that Debian ever published: versions stay where they are.
POOL = "https://snapshot.debian.org/archive/debian/20230701T000000Z/pool/main"


@dataclasses.dataclass(frozen=True)
class Package:
    """A file of Debian's, as its archive names it."""

    source: str
    """Of the package, its folder in the archive."""
    name: str
    version: str
    size: int
    """Bytes."""
    sha256: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"{POOL}/{self.source[0]}/{self.source}/{self.name}_{self.version.rpartition(':')[2]}_all.deb"

    @property
    def file(self) -> str:
        """Its name, as `apt-get download` gives it."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def members(path: str | pathlib.Path, *endings: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a package that end like this, in their order.

    Raises:
        ImportError: the extra `debian` is not installed.
    """
    debfile = need("debian.debfile", "debian")
    package = debfile.DebFile(str(path))
    try:
        with package.data.tgz() as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(endings):
                    yield member.name.removeprefix("./"), archive.extractfile(member).read()
    finally:
        package.close()


DICTIONARY = [
    Package("ding", "trans-de-en", "1.9-6", 6276816, "45f6b4cf1c434776fba6811d7bc522efabb5425c43ba8afd0e289bf9e2e53df4")
]
PAGES = [
    Package(
        "gnome-user-docs",
        "gnome-user-docs",
        "43.0-2",
        8523220,
        "0d635a840747958ca84da778b40d341f1155603851f922c9a171f5a181d6a39f",
    )
]
WESNOTH = {  # campaign -> bytes and SHA-256 of its package
    "did": (5779752, "774619f5aaeb7eb4c848e1cc1758795a8c58e96bd270cceecc9d847dbcc769b3"),
    "dm": (5388248, "1997ad4d91e8de36415db2a3445904288f588a76d75111222d2aace409ace5c6"),
    "dw": (5178324, "47982e08b2a5d5fd79f400a5453f32c6d7dd56f2ccc10412a9e47dec8a9b3ca4"),
    "ei": (5897320, "687abe111ee662b7324336ddadc209758f68d2eeb1ccbf630238f27a0e3c6404"),
    "httt": (12903056, "05b16a3f8f8204278794aae14d8e6a7c95d2b2faef7337c4997c827a146d1bbd"),
    "l": (5510536, "5383c79046df6121929bc36a8ec3f970ab4cf9c1239ed9b31868201c27f4266d"),
    "low": (9028468, "2f304551b97b7fb76a2adb5ad8ffcac3e78476bc8ade17532c90714065c9bf9f"),
    "nr": (8076092, "13edcf1bdd23708f531ba81c67100c5800363a119f10155c7f9e146fe7dced34"),
    "sof": (7010984, "b6f1ddffdbd1a977f3965dae944e4fb11c147627471f1cfc71c92d1e69efb555"),
    "sota": (6678916, "fa44304ff53d259f3c5fe13c03cb8166e55e9c307807d1a5663048c396645ba6"),
    "sotbe": (6720832, "877a2f4a7fd8df54fd3b4561ffbd5fa95d0390d7c7372f3cb66367c8007918cb"),
    "thot": (6528032, "79d9ec6e43300ea9f41295ccf3fb451e8eeaefc17007123f65d77eb05cb88695"),
    "trow": (19632884, "b5009e964ac7157a46d50de911e4f56f5bb4389d60b82a513b5f382671d180d7"),
    "tsg": (8089868, "38b5f564253b8e0d9c093b2b7c58aabfef24f688968d9cbaf42abfc1e76d8288"),
    "ttb": (5972592, "d0d45693665305191488553ade8dc1d0aa26ab17d4bffae3bf6969db4a766329"),
    "utbs": (13202708, "81e05717bebbfb6348c0bed2cd6ce2560c4fd9205ed419c2e7bc039b4a70e228"),
}
CATALOGUES = [
    Package(
        "freedroidrpg",
        "freedroidrpg-data",
        "1.0-1",
        228309836,
        "16c3cfeb82b1ec20c98493bbe1de2e356bd1aec832845630a5a7f12e303baa2b",
    ),
    Package(
        "naev", "naev-data", "0.8.2-1", 349549836, "a98849cacdfc72779e03ceb68f32af03cb3c3f382ba8b82e3299ef87254b454d"
    ),
    Package(
        "cataclysm-dda",
        "cataclysm-dda-data",
        "0.F-3-9",
        29707972,
        "cd0c097169fe364fdb6bcdab77663d24920a063387ce2fbf1b5d3be01c141105",
    ),
    *(
        Package("wesnoth-1.16", f"wesnoth-1.16-{campaign}", "1:1.16.9-1", *content)
        for campaign, content in WESNOTH.items()
    ),
]
