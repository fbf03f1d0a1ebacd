from ingest.parsers.pdf.boxes import reading_order

Box = tuple[float, float, float, float]


def order(boxes: dict[str, Box]) -> list[str]:
    return reading_order(list(reversed(boxes)), lambda name: boxes[name])


def test_columns_are_read_one_after_the_other_below_a_title_across_both() -> None:
    boxes: dict[str, Box] = {
        "title": (100, 50, 500, 80),
        "left 1": (50, 100, 290, 200),
        "left 2": (50, 210, 290, 400),
        "right 1": (310, 100, 550, 200),
        "right 2": (310, 210, 550, 400),
    }
    assert order(boxes) == ["title", "left 1", "left 2", "right 1", "right 2"]


def test_a_figure_across_both_columns_parts_them() -> None:
    boxes: dict[str, Box] = {
        "left above": (50, 50, 290, 200),
        "right above": (310, 50, 550, 210),
        "figure": (50, 220, 550, 300),
        "left below": (50, 310, 290, 400),
        "right below": (310, 320, 550, 400),
    }
    assert order(boxes) == list(boxes)


def test_a_column_that_starts_higher_stays_whole() -> None:
    boxes: dict[str, Box] = {
        "left": (50, 300, 290, 500),
        "right 1": (310, 50, 550, 120),
        "right 2": (310, 130, 550, 290),
        "right 3": (310, 310, 550, 500),
    }
    assert order(boxes) == list(boxes)


def test_a_centred_title_above_a_heading_at_the_left_is_read_first() -> None:
    boxes: dict[str, Box] = {
        "title": (250, 70, 340, 84),
        "heading": (57, 190, 130, 198),
        "text": (57, 210, 540, 300),
    }
    assert order(boxes) == list(boxes)


def test_labels_and_values_are_read_row_by_row() -> None:
    boxes: dict[str, Box] = {
        "name": (50, 50, 120, 62),
        "Ada": (200, 50, 300, 62),
        "town": (50, 80, 120, 92),
        "London": (200, 80, 300, 92),
        "year": (50, 110, 120, 122),
        "1843": (200, 110, 300, 122),
    }
    assert order(boxes) == list(boxes)


def test_overlapping_boxes_are_read_from_the_top() -> None:
    boxes: dict[str, Box] = {"upper": (50, 50, 300, 120), "lower": (60, 90, 320, 150)}
    assert order(boxes) == ["upper", "lower"]
