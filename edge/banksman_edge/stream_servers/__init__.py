"""Where sound comes from: websockets, Wyoming, and this machine's own microphone, each feeding streams."""

from banksman_edge.stream_servers.local_microphone import hear_locally
from banksman_edge.stream_servers.outgoing import Outgoing
from banksman_edge.stream_servers.real_time_pace import RealTimePace
from banksman_edge.stream_servers.satellite import Satellite
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_edge.stream_servers.wyoming_server import WyomingServer

__all__ = ["Outgoing", "RealTimePace", "Satellite", "StreamService", "WebsocketServer", "WyomingServer", "hear_locally"]
