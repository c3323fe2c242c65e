"""samples.py: one recording, whatever array holds it."""

import io

import hypothesis
import numpy as np
import pytest
import soundfile
from hypothesis import strategies as st

from lstm_zoo.tasks.speech import audio, samples

LOUD, QUIET = np.int16([0, 9000, -12000, 7001]), np.int16([0, 3, -2, 1])


def long(values):
    """Enough of them for a recording, as floats of full scale 1 too."""
    values = np.tile(values, 500)
    return values, (values / 2**15).astype("float32")


class TestFullScale:
    @pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "float32", "float64"])
    @pytest.mark.parametrize("values", [LOUD, QUIET])
    def test_the_range_of_16_bits_in_every_type(self, values, dtype):
        integers, expected = long(values)
        np.testing.assert_allclose(audio.recording((integers.astype(dtype), 16_000)), expected, atol=1e-7)

    @pytest.mark.parametrize("bits", [16, 24])
    def test_integers_of_files_in_32_bits(self, bits):
        integers, expected = long(LOUD)
        padded = (integers.astype("int32") * 2 ** (bits - 16) + (bits > 16)) * 2 ** (32 - bits)
        np.testing.assert_allclose(audio.recording((padded, 16_000)), expected, atol=1e-6)

    def test_resampled_floats_of_integers(self):
        integers, _ = long(LOUD)
        assert samples.full_scale(integers * 1.0001) == samples.full_scale(integers * 2.9) == 2**15

    def test_floats_above_one_are_loud(self):
        assert samples.full_scale(np.array([3.5, -2.25])) == 1

    @pytest.mark.parametrize(
        "array",
        [
            np.array([100.5, -90.25]),  # of either range
            np.array([5e6, -5e6]),
            np.array([1e300, -1e300]),
            np.array([128.0, 130.0, 127.0]),  # 8 bits, which have their silence at 128
            np.array([128, 130, 127]),
            np.array([1, -1]),
            np.array([40_000, -40_000]),
            np.int32([100_001, -100_000]),  # 24 bits, or very quiet
            np.int32([512, -256]),
            np.uint64([1, 2]),
            np.uint64([0, 0]),
        ],
    )
    def test_a_scale_that_nothing_tells(self, array):
        with pytest.raises(ValueError, match=f"full scale. Received: {array.dtype} samples from"):
            samples.full_scale(array)

    def test_blocks_have_the_scale_of_their_type(self):
        assert samples.full_scale(np.int32([256, -512]), of_stream=True) == 2**31
        for array in (np.int32([257, -512]), np.array([257, -512]), np.array([9000.0, -9000.0])):
            with pytest.raises(ValueError, match="full scale"):
                samples.full_scale(array, of_stream=True)
        for dtype in ("int32", "int64", "float32"):
            assert not samples.mono(np.zeros(9, dtype), None, of_stream=True).any()


@pytest.mark.parametrize(
    ("shape", "known", "axis"),
    [
        ((9,), None, None),
        ((65, 8), None, 1),
        ((1, 9), None, 0),
        ((1, 1), None, 1),
        ((1, 2), 1, 1),
        ((2, 2), 0, 0),
        ((0, 2), 1, 1),
    ],
)
def test_the_axis_of_channels(shape, known, axis):
    assert samples.channel_axis(np.zeros(shape), known) == axis


@pytest.mark.parametrize(
    ("shape", "known"),
    [
        ((2, 2), None),
        ((1, 5), None),
        ((9, 9), None),
        ((10, 8), None),
        ((64, 2), None),
        ((80, 300), None),
        ((2, 3200), 1),
        ((9, 0), None),
    ],
)
def test_an_axis_that_nothing_tells(shape, known):
    with pytest.raises(ValueError, match=rf"Received: float64 \({shape[0]}, {shape[1]}\)"):
        samples.channel_axis(np.zeros(shape), known)


@hypothesis.given(
    values=st.lists(st.integers(-(2**15), 2**15 - 1), max_size=40),
    channels=st.integers(0, 9),
    first=st.booleans(),
    dtype=st.sampled_from(["int16", "int32", "int64", "float32", "float64", "unit"]),
    rate=st.sampled_from([8_000, 16_000, 44_100]),
    container=st.sampled_from(["pair", "scipy", "dict", "list", "file"]),
)
@hypothesis.settings(max_examples=60, deadline=None)
def test_every_array_gives_the_samples_of_plain_floats_or_is_refused(values, channels, first, dtype, rate, container):
    hypothesis.assume(len(values) > 1 or channels <= samples.MAX_CHANNELS)  # else one channel of so many samples
    integers = np.array(values, "int16")
    plain = audio.recording(((integers / 2**15).astype("float32"), rate))
    array = integers / 2**15 if dtype == "unit" else integers.astype(dtype)
    if channels:
        array = np.stack([array] * channels, 0 if first else 1)
    array = array.tolist() if container == "list" else array
    file = io.BytesIO()
    soundfile.write(file, np.stack([integers] * max(1, channels), 1), rate, format="WAV")
    source = {
        "file": file,
        "pair": (array, rate),
        "list": [array, rate],
        "scipy": (rate, array),
        "dict": {"array": array, "sampling_rate": rate},
    }[container]
    try:
        found = audio.recording(source)
    except ValueError as error:
        assert "Received: " in str(error)  # noqa: PT017 - it may be refused, and then says what it was
        return
    # Floats up to 1 are of full scale 1, whoever cast them.
    if dtype.startswith("float") and container != "file" and np.abs(integers.astype(int)).max(initial=0) <= 1:
        plain = plain * 2**15
    np.testing.assert_allclose(found, plain, atol=1e-4)
