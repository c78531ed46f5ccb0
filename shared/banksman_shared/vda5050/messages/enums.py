"""The enumerations of VDA 5050. Members carry their 2.1.0 spelling; those that came with 3.0 say so."""

from __future__ import annotations

from enum import StrEnum


class BlockingType(StrEnum):
    """What may go on while an action runs (2.1.0 §6.12)."""

    NONE = "NONE"
    SOFT = "SOFT"
    SINGLE = "SINGLE"  # 3.0: driving goes on, other actions do not
    HARD = "HARD"


class ActionStatus(StrEnum):
    """Life of an action (2.1.0 §6.11). ``PAUSED`` is in the text and missing from the official schema."""

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RETRIABLE = "RETRIABLE"  # 3.0: failed, and waits to be told to try again or to give up
    FINISHED = "FINISHED"
    FAILED = "FAILED"

    @property
    def ended(self) -> bool:
        return self in (ActionStatus.FINISHED, ActionStatus.FAILED)


class ConnectionState(StrEnum):
    """Whether a vehicle can be reached (2.1.0 §6.14)."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    HIBERNATING = "HIBERNATING"  # 3.0: asleep, and can be woken
    CONNECTIONBROKEN = "CONNECTIONBROKEN"


class OperatingMode(StrEnum):
    """Who is in control of a vehicle (2.1.0 §6.10.6; 3.0 §6.6.6)."""

    STARTUP = "STARTUP"  # 3.0: not ready; the rest of the state may be invalid
    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    INTERVENED = "INTERVENED"  # 3.0: a person drives; the order is kept
    MANUAL = "MANUAL"
    SERVICE = "SERVICE"
    TEACHIN = "TEACHIN"


class ErrorLevel(StrEnum):
    """How bad an error is (2.1.0 §6.10.5; 3.0 §6.6.5.1), mildest first."""

    WARNING = "WARNING"
    URGENT = "URGENT"  # 3.0: look now; the order goes on
    CRITICAL = "CRITICAL"  # 3.0: the order cannot go on; a new one can be taken
    FATAL = "FATAL"


class ErrorType(StrEnum):
    """The predefined errors, in 2.1 spelling where 2.1 has the error (2.1.0 §6.6.3.2, §6.6.4; 3.0 §6.6.5.4).

    An error type is an open enumeration: ``Error.error_type`` is any string, and makers add their own.
    """

    NO_ORDER_TO_CANCEL = "noOrderToCancel"
    VALIDATION_ERROR = "validationError"
    ORDER_ERROR = "orderError"
    ORDER_UPDATE_ERROR = "orderUpdateError"
    NO_ROUTE_ERROR = "noRouteError"
    INSTANT_ACTION_ERROR = "instantActionError"
    # Not named by 2.1.0, which tells vehicles to report them without saying how.
    ACTION_ERROR = "actionError"
    LOCALIZATION_ERROR = "localizationError"
    OUTSIDE_OF_CORRIDOR = "outsideOfCorridor"
    DUPLICATE_MAP = "duplicateMap"
    UNKNOWN_MAP_ID = "unknownMapId"
    # New with 3.0.
    UNSUPPORTED_PARAMETER = "unsupportedParameter"
    SAME_ORDER_UPDATE_ID = "sameOrderUpdateId"
    ORDER_UPDATE_FOLLOWING_CANCEL = "orderUpdateFollowingCancel"
    INSUFFICIENT_MEMORY = "insufficientMemory"
    BLOCKED_ZONE_VIOLATION = "blockedZoneViolation"
    DUPLICATE_ZONE_SET = "duplicateZoneSet"
    RELEASE_LOST = "releaseLost"
    ZONE_ACTION_CONFLICT = "zoneActionConflict"
    NODE_UNREACHABLE = "nodeUnreachable"
    OTHER_ORDER_ACTIVE = "otherOrderActive"
    START_NODE_OUT_OF_RANGE = "startNodeOutOfRange"
    MOBILE_ROBOT_NOT_AVAILABLE = "mobileRobotNotAvailable"
    INSTANT_ACTION_STATES_FULL = "instantActionStatesFull"
    ZONE_ACTION_STATES_FULL = "zoneActionStatesFull"


class EStop(StrEnum):
    """Which emergency stop is active and who acknowledges it (2.1.0 §6.10.6)."""

    AUTOACK = "AUTOACK"  # gone with 3.0
    MANUAL = "MANUAL"
    REMOTE = "REMOTE"
    NONE = "NONE"


class InfoLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"


class MapStatus(StrEnum):
    """Of a map or, with 3.0, a zone set on a vehicle (2.1.0 §6.7.2)."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class CorridorRefPoint(StrEnum):
    """What of the vehicle stays between the bounds of a corridor (2.1.0 §6.6.5)."""

    KINEMATICCENTER = "KINEMATICCENTER"
    CONTOUR = "CONTOUR"


class CorridorReleaseLoss(StrEnum):
    """What a vehicle does that loses the release of a corridor (3.0 §7.3)."""

    STOP = "STOP"
    RETURN = "RETURN"


class RequestType(StrEnum):
    """What a vehicle asks for (3.0 §7.8): of zones ``ACCESS`` and ``REPLANNING``, of edges ``CORRIDOR``."""

    ACCESS = "ACCESS"
    REPLANNING = "REPLANNING"
    CORRIDOR = "CORRIDOR"


class RequestStatus(StrEnum):
    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class GrantType(StrEnum):
    """The answer to a request (3.0 §7.7)."""

    GRANTED = "GRANTED"
    QUEUED = "QUEUED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"


class ZoneType(StrEnum):
    """The kinds of zones (3.0 §6.4.1)."""

    BLOCKED = "BLOCKED"
    LINE_GUIDED = "LINE_GUIDED"
    RELEASE = "RELEASE"
    COORDINATED_REPLANNING = "COORDINATED_REPLANNING"
    SPEED_LIMIT = "SPEED_LIMIT"
    ACTION = "ACTION"
    PRIORITY = "PRIORITY"
    PENALTY = "PENALTY"
    DIRECTED = "DIRECTED"
    BIDIRECTED = "BIDIRECTED"


class ZoneReleaseLoss(StrEnum):
    """What a vehicle does that loses the release of the zone it is in (3.0 §6.4.1)."""

    STOP = "STOP"
    CONTINUE = "CONTINUE"
    EVACUATE = "EVACUATE"


class DirectionLimit(StrEnum):
    """How closely a zone's direction of travel is kept (3.0 §6.4.1); ``STRICT`` is of directed zones only."""

    SOFT = "SOFT"
    RESTRICTED = "RESTRICTED"
    STRICT = "STRICT"
