"""How a setting is described and read: a field of a frozen struct that bears the variable's name.

    audit_every: Annotated[Seconds, means("Seconds in which every agency is audited once.")] = named(
        "EMC_AUDIT_EVERY", 3600.0
    )

Type and bounds are msgspec's, so a value that was read is one that may be used.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import inspect

from emc.errors import SettingError

G = TypeVar("G", bound=msgspec.Struct)


def named(variable: str, default: Any = None) -> Any:
    """The field's variable in the environment, and what holds without it."""
    return msgspec.field(name=variable, default=default)


FileName = Annotated[str, msgspec.Meta(title="the name of a file")]


def means(sentence: str) -> msgspec.Meta:
    """What the setting does, as the reference page and `--help` say it."""
    return msgspec.Meta(description=sentence)


class Setting(NamedTuple):
    """One variable: its field, meaning, expected form in words, choices, and what holds without it."""

    variable: str
    field: str
    meaning: str
    form: str
    choices: tuple[str, ...]
    default: Any
    type: Any


def settings_of(group: type[msgspec.Struct]) -> Iterator[Setting]:
    """The settings of a group, in order."""
    for field in msgspec.structs.fields(group):
        told = inspect.type_info(field.type)
        assert isinstance(told, inspect.Metadata), f"{group.__name__}.{field.name} says not what it means"
        meaning = (told.extra_json_schema or {})["description"]
        listed = _choices(field.type)
        form = _form(told.type, listed)
        yield Setting(field.encode_name, field.name, meaning, form, listed, field.default, field.type)


def read_group(group: type[G], environment: Mapping[str, str]) -> G:
    """The group as the environment says it; an empty variable is as one that is not set.

    SettingError names the variable, what it is and what is expected.
    """
    found = {}
    for setting in settings_of(group):
        text = environment.get(setting.variable)
        if text:
            found[setting.field] = _value(setting, text)
    return group(**found)


def _value(setting: Setting, text: str) -> Any:
    said = text.split(",") if _is_list(setting.type) else text
    try:
        return msgspec.convert(said, setting.type, strict=False)
    except msgspec.ValidationError:
        raise SettingError(f"{setting.variable} is {text!r}, expected {setting.form}") from None


def _is_list(type_: Any) -> bool:
    told = inspect.type_info(type_)
    return isinstance(told, inspect.Metadata) and isinstance(told.type, inspect.VarTupleType)


def _choices(type_: Any) -> tuple[str, ...]:
    """The values of a type that lists them, in its order; none of another."""
    if get_origin(type_) is Literal:
        return get_args(type_)
    return next((found for part in get_args(type_) if (found := _choices(part))), ())


def _form(told: inspect.Type, listed: tuple[str, ...]) -> str:
    """What is expected, in words: the type's title where it has one."""
    if listed:
        return f"one of {', '.join(listed)}"
    match told:
        case inspect.Metadata():
            title = (told.extra_json_schema or {}).get("title")
            return title or _form(told.type, listed)
        case inspect.UnionType():
            (wanted,) = (each for each in told.types if not isinstance(each, inspect.NoneType))
            return _form(wanted, listed)
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number from {least:g} to {most:g}"
        case inspect.BoolType():
            return "true or false"
        case inspect.VarTupleType():
            return "texts with commas between"
    return "a text"
