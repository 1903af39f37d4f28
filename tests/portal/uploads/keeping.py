"""A file with a fault in it, a mapping of it, and somebody who takes what is sent."""

from collections.abc import Callable

CSV = (
    "Mã hồ sơ;Kênh;Ngày nhận;Trạng thái;Họ tên\n"
    "H25-240305-0001;Trực tuyến;05/03/2024 08:00;Đang xử lý;An\n"
    "H25-240305-0002;Trực tiếp;05/03/2024 09:00;Đang xử lý;Bình\n"
    "H25-240305-0003;Trực tiếp;35/03/2024 09:00;Lạ;Chi\n"
)


class Post:
    """Takes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.gate: Callable[[], None] = lambda: None

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to do."""

    def send(self, agency: str, event: bytes) -> None:
        """Keeps it, unless the gate refuses."""
        self.gate()
        self.sent.append((agency, event))

    def flush(self) -> None:
        """Everything is there at once."""
