"""Where sound comes from: websockets, Wyoming, and this machine's own microphone, each feeding streams."""

from banksman_edge.stream_servers.client_sound import ClientSound
from banksman_edge.stream_servers.host import StreamHost
from banksman_edge.stream_servers.local_microphone import hear_locally
from banksman_edge.stream_servers.outgoing import Outgoing
from banksman_edge.stream_servers.satellite import Satellite
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_edge.stream_servers.wyoming_server import WyomingServer

__all__ = [
    "ClientSound",
    "Outgoing",
    "Satellite",
    "StreamHost",
    "StreamService",
    "WebsocketServer",
    "WyomingServer",
    "hear_locally",
]
