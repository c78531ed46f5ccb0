BEGIN TRANSACTION;
CREATE TABLE planner_calls (
	id VARCHAR(64) NOT NULL, 
	plan_id VARCHAR(64) NOT NULL, 
	site TEXT NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	at FLOAT NOT NULL, 
	model TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	prompt TEXT NOT NULL, 
	answer TEXT, 
	error TEXT, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	usd FLOAT NOT NULL, 
	settled BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE planner_events (
	plan_id VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (plan_id, number)
);
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',1,'plan','{"id":"cce15e92a3b24cc4b453ea2eca0acc13","state":"understanding","request":"carry them","goals":[],"unsupported":[],"steps":[],"hash":"","explanation":""}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',2,'progress','{"stage": "understanding", "repairs": false}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',3,'plan','{"id":"cce15e92a3b24cc4b453ea2eca0acc13","state":"solving","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"priority":"normal"}],"unsupported":[],"steps":[],"hash":"","explanation":""}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',4,'progress','{"stage": "solving", "value_s": 110.0, "bound_s": 0.0, "gap": 1.0, "keeps": true}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',5,'progress','{"stage": "solving", "value_s": 110.0, "bound_s": 110.0, "gap": 0.0, "keeps": true}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',6,'progress','{"stage": "verifying"}');
INSERT INTO "planner_events" VALUES('cce15e92a3b24cc4b453ea2eca0acc13',7,'plan','{"id":"cce15e92a3b24cc4b453ea2eca0acc13","state":"proposed","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"priority":"normal"}],"unsupported":[],"steps":[{"vehicle":"agv-1","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":50.0,"goal":0},{"vehicle":"agv-2","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":110.0,"goal":0}],"hash":"9dfeca3ba46a8940fe071074b6b5727101e7b047e752151d6a314e32db03a466","explanation":"Loads: 2 (2 from dock one to aisle 2), by forklift 1, forklift 2, done after 1 min 50 s. All is done after 1 min 50 s."}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',1,'plan','{"id":"4f09f028ef294d3681b630f6d2c4f208","state":"understanding","request":"carry them","goals":[],"unsupported":[],"steps":[],"hash":"","explanation":""}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',2,'progress','{"stage": "understanding", "repairs": false}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',3,'plan','{"id":"4f09f028ef294d3681b630f6d2c4f208","state":"solving","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"within_s":600.0,"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"priority":"normal"}],"unsupported":[],"steps":[],"hash":"","explanation":""}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',4,'progress','{"stage": "solving", "value_s": 110.0, "bound_s": 0.0, "gap": 1.0, "keeps": true}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',5,'progress','{"stage": "solving", "value_s": 110.0, "bound_s": 110.0, "gap": 0.0, "keeps": true}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',6,'progress','{"stage": "verifying"}');
INSERT INTO "planner_events" VALUES('4f09f028ef294d3681b630f6d2c4f208',7,'plan','{"id":"4f09f028ef294d3681b630f6d2c4f208","state":"proposed","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"within_s":600.0,"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"priority":"normal"}],"unsupported":[],"steps":[{"vehicle":"agv-1","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":50.0,"goal":0},{"vehicle":"agv-2","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":110.0,"goal":0}],"hash":"1bb96e04032ec553c1275b212c9a3e091bfe179b5ee68a45304714e12b4270a3","explanation":"Loads: 2 (2 from dock one to aisle 2), by forklift 1, forklift 2, done after 1 min 50 s. All is done after 1 min 50 s."}');
CREATE TABLE planner_plans (
	id VARCHAR(64) NOT NULL, 
	site TEXT NOT NULL, 
	caller VARCHAR(64) NOT NULL, 
	"key" VARCHAR(255), 
	fingerprint VARCHAR(64) NOT NULL, 
	traceparent VARCHAR(64), 
	request TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	events INTEGER NOT NULL, 
	world INTEGER NOT NULL, 
	approval INTEGER, 
	approve_by FLOAT NOT NULL, 
	due FLOAT, 
	ended_at FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (caller, "key")
);
INSERT INTO "planner_plans" VALUES('cce15e92a3b24cc4b453ea2eca0acc13','yard','b4d07e88a43821b9379dd9382eb4bd826f81b05dacb8c6fd303b42990148d57e','free','762d8547179a28918125fb6c73fe2b41f513c9852e4bd65d34905dc2e1599c64',NULL,'{"request":"carry them","language":"en","site":{"site":{"id":"yard","name":"Yard","languages":["en","de"]},"vehicle_kinds":{"forklift":{"names":{"en":["forklift"],"de":["Stapler"]}}},"vehicles":[{"id":"agv-1","kind":"forklift","number":1,"manufacturer":"Acme","serial_number":"A-1","home":"bay-1"},{"id":"agv-2","kind":"forklift","number":2,"manufacturer":"Acme","serial_number":"A-2","home":"bay-2"},{"id":"agv-3","kind":"forklift","number":3,"manufacturer":"Acme","serial_number":"A-3","home":"bay-2"}],"place_kinds":{"aisle":{"names":{"en":["aisle"],"de":["Gang"]}},"bay":{"names":{"en":["bay"],"de":["Bucht"]}}},"places":[{"id":"dock-1","node":"D","names":{"en":["dock one","inbound dock"],"de":["Rampe eins"]}},{"id":"aisle-1","node":"A1","kind":"aisle","number":1},{"id":"aisle-2","node":"A2","kind":"aisle","number":2},{"id":"gate","node":"G","names":{"en":["gate"],"de":["Tor"]}},{"id":"bay-1","node":"B1","kind":"bay","number":1},{"id":"bay-2","node":"B2","kind":"bay","number":2},{"id":"charger","node":"C","names":{"en":["charger"],"de":["Ladestation"]}}],"layout_document":{"layouts":[{"layoutId":"yard","nodes":[{"nodeId":"D","nodePosition":{"x":0.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"A1","nodePosition":{"x":10.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"A2","nodePosition":{"x":20.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"G","nodePosition":{"x":30.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"B1","nodePosition":{"x":40.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"B2","nodePosition":{"x":50.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"C","nodePosition":{"x":60.0,"y":0.0},"vehicleTypeNodeProperties":[{"vehicleTypeId":"forklift","actions":[{"actionType":"startCharging"}]}]},{"nodeId":"BEND","nodePosition":{"x":30.0,"y":10.0},"vehicleTypeNodeProperties":[]}],"edges":[{"edgeId":"D-A1","startNodeId":"D","endNodeId":"A1"},{"edgeId":"A1-D","startNodeId":"A1","endNodeId":"D"},{"edgeId":"A1-A2","startNodeId":"A1","endNodeId":"A2"},{"edgeId":"A2-A1","startNodeId":"A2","endNodeId":"A1"},{"edgeId":"A2-G","startNodeId":"A2","endNodeId":"G"},{"edgeId":"G-A2","startNodeId":"G","endNodeId":"A2"},{"edgeId":"G-B1","startNodeId":"G","endNodeId":"B1"},{"edgeId":"B1-G","startNodeId":"B1","endNodeId":"G"},{"edgeId":"B1-B2","startNodeId":"B1","endNodeId":"B2"},{"edgeId":"B2-B1","startNodeId":"B2","endNodeId":"B1"},{"edgeId":"B2-C","startNodeId":"B2","endNodeId":"C"},{"edgeId":"C-B2","startNodeId":"C","endNodeId":"B2"},{"edgeId":"A2-BEND","startNodeId":"A2","endNodeId":"BEND"},{"edgeId":"BEND-A2","startNodeId":"BEND","endNodeId":"A2"},{"edgeId":"BEND-B1","startNodeId":"BEND","endNodeId":"B1"},{"edgeId":"B1-BEND","startNodeId":"B1","endNodeId":"BEND"}]}]}},"fleet":{"vehicles":[{"id":"agv-1","node":"D","battery":80.0,"loaded":false,"available":true,"speed":1.0,"ready_s":0.0},{"id":"agv-2","node":"C","battery":80.0,"loaded":false,"available":true,"speed":1.0,"ready_s":0.0}],"loads":null},"mentions":[],"deadline":null,"now":null}','{"id":"cce15e92a3b24cc4b453ea2eca0acc13","state":"proposed","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"within_s":null,"by":null,"not_before_s":null,"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"load_type":null,"priority":"normal","at_most":null}],"unsupported":[],"steps":[{"vehicle":"agv-1","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":50.0,"goal":0,"until":null},{"vehicle":"agv-2","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":110.0,"goal":0,"until":null}],"hash":"9dfeca3ba46a8940fe071074b6b5727101e7b047e752151d6a314e32db03a466","explanation":"Loads: 2 (2 from dock one to aisle 2), by forklift 1, forklift 2, done after 1 min 50 s. All is done after 1 min 50 s."}','proposed',7,0,NULL,3.37247714280010557e+09,3.37247714280010557e+09,NULL);
INSERT INTO "planner_plans" VALUES('4f09f028ef294d3681b630f6d2c4f208','yard','b4d07e88a43821b9379dd9382eb4bd826f81b05dacb8c6fd303b42990148d57e','limited','762d8547179a28918125fb6c73fe2b41f513c9852e4bd65d34905dc2e1599c64',NULL,'{"request":"carry them","language":"en","site":{"site":{"id":"yard","name":"Yard","languages":["en","de"]},"vehicle_kinds":{"forklift":{"names":{"en":["forklift"],"de":["Stapler"]}}},"vehicles":[{"id":"agv-1","kind":"forklift","number":1,"manufacturer":"Acme","serial_number":"A-1","home":"bay-1"},{"id":"agv-2","kind":"forklift","number":2,"manufacturer":"Acme","serial_number":"A-2","home":"bay-2"},{"id":"agv-3","kind":"forklift","number":3,"manufacturer":"Acme","serial_number":"A-3","home":"bay-2"}],"place_kinds":{"aisle":{"names":{"en":["aisle"],"de":["Gang"]}},"bay":{"names":{"en":["bay"],"de":["Bucht"]}}},"places":[{"id":"dock-1","node":"D","names":{"en":["dock one","inbound dock"],"de":["Rampe eins"]}},{"id":"aisle-1","node":"A1","kind":"aisle","number":1},{"id":"aisle-2","node":"A2","kind":"aisle","number":2},{"id":"gate","node":"G","names":{"en":["gate"],"de":["Tor"]}},{"id":"bay-1","node":"B1","kind":"bay","number":1},{"id":"bay-2","node":"B2","kind":"bay","number":2},{"id":"charger","node":"C","names":{"en":["charger"],"de":["Ladestation"]}}],"layout_document":{"layouts":[{"layoutId":"yard","nodes":[{"nodeId":"D","nodePosition":{"x":0.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"A1","nodePosition":{"x":10.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"A2","nodePosition":{"x":20.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"G","nodePosition":{"x":30.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"B1","nodePosition":{"x":40.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"B2","nodePosition":{"x":50.0,"y":0.0},"vehicleTypeNodeProperties":[]},{"nodeId":"C","nodePosition":{"x":60.0,"y":0.0},"vehicleTypeNodeProperties":[{"vehicleTypeId":"forklift","actions":[{"actionType":"startCharging"}]}]},{"nodeId":"BEND","nodePosition":{"x":30.0,"y":10.0},"vehicleTypeNodeProperties":[]}],"edges":[{"edgeId":"D-A1","startNodeId":"D","endNodeId":"A1"},{"edgeId":"A1-D","startNodeId":"A1","endNodeId":"D"},{"edgeId":"A1-A2","startNodeId":"A1","endNodeId":"A2"},{"edgeId":"A2-A1","startNodeId":"A2","endNodeId":"A1"},{"edgeId":"A2-G","startNodeId":"A2","endNodeId":"G"},{"edgeId":"G-A2","startNodeId":"G","endNodeId":"A2"},{"edgeId":"G-B1","startNodeId":"G","endNodeId":"B1"},{"edgeId":"B1-G","startNodeId":"B1","endNodeId":"G"},{"edgeId":"B1-B2","startNodeId":"B1","endNodeId":"B2"},{"edgeId":"B2-B1","startNodeId":"B2","endNodeId":"B1"},{"edgeId":"B2-C","startNodeId":"B2","endNodeId":"C"},{"edgeId":"C-B2","startNodeId":"C","endNodeId":"B2"},{"edgeId":"A2-BEND","startNodeId":"A2","endNodeId":"BEND"},{"edgeId":"BEND-A2","startNodeId":"BEND","endNodeId":"A2"},{"edgeId":"BEND-B1","startNodeId":"BEND","endNodeId":"B1"},{"edgeId":"B1-BEND","startNodeId":"B1","endNodeId":"BEND"}]}]}},"fleet":{"vehicles":[{"id":"agv-1","node":"D","battery":80.0,"loaded":false,"available":true,"speed":1.0,"ready_s":0.0},{"id":"agv-2","node":"C","battery":80.0,"loaded":false,"available":true,"speed":1.0,"ready_s":0.0}],"loads":null},"mentions":[],"deadline":null,"now":null}','{"id":"4f09f028ef294d3681b630f6d2c4f208","state":"proposed","request":"carry them","goals":[{"words":"carry them","vehicles":[],"without":[],"within_s":600.0,"by":null,"not_before_s":null,"after":[],"kind":"transport","count":2,"origins":["dock-1"],"destinations":["aisle-2"],"load_type":null,"priority":"normal","at_most":null}],"unsupported":[],"steps":[{"vehicle":"agv-1","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":50.0,"goal":0,"until":null},{"vehicle":"agv-2","action":"transport","from":"dock-1","to":"aisle-2","start_s":0.0,"end_s":110.0,"goal":0,"until":null}],"hash":"1bb96e04032ec553c1275b212c9a3e091bfe179b5ee68a45304714e12b4270a3","explanation":"Loads: 2 (2 from dock one to aisle 2), by forklift 1, forklift 2, done after 1 min 50 s. All is done after 1 min 50 s."}','proposed',7,0,NULL,3.37247714475822353e+09,3.37247714475822353e+09,NULL);
CREATE TABLE planner_replicas (
	id VARCHAR(64) NOT NULL, 
	beat INTEGER NOT NULL, 
	gone BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX ix_planner_plans_due ON planner_plans (due);
CREATE INDEX planner_plans_of_site ON planner_plans (site, state);
CREATE INDEX ix_planner_plans_ended_at ON planner_plans (ended_at);
CREATE INDEX planner_calls_by_day ON planner_calls (site, day);
CREATE INDEX ix_planner_calls_plan_id ON planner_calls (plan_id);
COMMIT;
