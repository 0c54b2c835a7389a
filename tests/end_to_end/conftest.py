import pytest

pytest.register_assert_rewrite("end_to_end.house", "end_to_end.running")
