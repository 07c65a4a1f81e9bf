BEGIN TRANSACTION;
CREATE TABLE creations (
	key_sha256 VARCHAR(64) NOT NULL,
	request_sha256 VARCHAR(64) NOT NULL,
	diagnosis_id VARCHAR(32) NOT NULL,
	created_at DATETIME NOT NULL,
	PRIMARY KEY (key_sha256),
	FOREIGN KEY(diagnosis_id) REFERENCES diagnoses (id) ON DELETE CASCADE
);
INSERT INTO "creations" VALUES('bc4a1134d3f4cf0090bf2f5ffd8ba65f1e9a4ed73840ce5a68d0df8a506fe8d0','dbdfbb8295f1076831b0ce92688869d6f530e7be50cee8abdd8bb7e9ac4848c3','E3qQfBl5EiXfG6y8esTZCg','2026-12-01 02:12:43.198135');
CREATE TABLE diagnoses (
	id VARCHAR(32) NOT NULL,
	upload_id VARCHAR(32) NOT NULL,
	title VARCHAR(200) NOT NULL,
	state VARCHAR(16) NOT NULL,
	created_at DATETIME NOT NULL,
	finished_at DATETIME,
	expires_at DATETIME,
	delete_token_sha256 VARCHAR(64) NOT NULL,
	report_sha256 VARCHAR(64),
	points_sha256 VARCHAR(64),
	PRIMARY KEY (id),
	FOREIGN KEY(upload_id) REFERENCES uploads (id)
);
INSERT INTO "diagnoses" VALUES('E3qQfBl5EiXfG6y8esTZCg','9z7zrqSKsLiLj7T-lKh6LA','Kept copper','done','2026-12-01 02:12:43.188144','2026-12-01 02:12:43.313904',NULL,'4b4c509bc935532a65f951636605740c61abdc892a70e0676c61ad7cc5183296','503714c218b45e85d983ca92e482b42ef26be47ee95e73a21a3ada51f58a02c0','bbe36887e9fed09e7917c2fa775c23744a47d8a8ac5bb7ed07d34fc79dedd12e');
INSERT INTO "diagnoses" VALUES('aOEC_w566ourdRby-c_x3w','9z7zrqSKsLiLj7T-lKh6LA','Cu by Effective medium theory','failed','2026-12-01 02:12:43.327772','2026-12-01 02:12:43.339088',NULL,'c2fa546fae099880938cff95cec1e10656587d20fea5805bbfafd9b58a1f35b7',NULL,NULL);
INSERT INTO "diagnoses" VALUES('VdE-dZVV1dQ3MjtQwaaYpQ','9z7zrqSKsLiLj7T-lKh6LA','Cu by Effective medium theory','cancelled','2026-12-01 02:12:43.340702','2026-12-01 02:12:43.348259',NULL,'2775a2685d0c6e2a2ef7a54cd622101199e4d4e9937ef0bf95aae82daf6a8d2e',NULL,NULL);
INSERT INTO "diagnoses" VALUES('liAwokULYHg4NjBoIrcNGg','HmUgOw3oX0eIc5nkomsFjw','Cu by Effective medium theory','running','2026-12-01 02:12:43.736437',NULL,NULL,'7c89a9499b4f231896bf6a1b034c789a394522e11db3f5dfcc5028c864e5a558',NULL,NULL);
INSERT INTO "diagnoses" VALUES('BXldRjw5AxT7qdU5YYNftQ','9z7zrqSKsLiLj7T-lKh6LA','Waits','queued','2026-12-01 02:12:43.767869',NULL,NULL,'0d30c66f83cdfa87daaa13326362b9707115ac79a5020f23f0e2fbef14be20cd',NULL,NULL);
CREATE TABLE notes (
	diagnosis_id VARCHAR(32) NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (diagnosis_id),
	FOREIGN KEY(diagnosis_id) REFERENCES diagnoses (id) ON DELETE CASCADE
);
INSERT INTO "notes" VALUES('E3qQfBl5EiXfG6y8esTZCg','A note
of two lines');
CREATE TABLE runs (
	id INTEGER NOT NULL,
	diagnosis_id VARCHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	potential VARCHAR(80) NOT NULL,
	label VARCHAR(120) NOT NULL,
	queue VARCHAR(80) NOT NULL,
	state VARCHAR(16) NOT NULL,
	done INTEGER NOT NULL,
	total INTEGER NOT NULL,
	atom_count INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	worker_id VARCHAR(32),
	enqueued_at DATETIME NOT NULL,
	heartbeat_at DATETIME,
	seconds DOUBLE,
	error TEXT,
	result TEXT,
	predictions_sha256 VARCHAR(64),
	PRIMARY KEY (id),
	UNIQUE (diagnosis_id, potential),
	FOREIGN KEY(diagnosis_id) REFERENCES diagnoses (id) ON DELETE CASCADE
);
INSERT INTO "runs" VALUES(1,'E3qQfBl5EiXfG6y8esTZCg',0,'emt','Effective medium theory','classical','done',2,2,8,1,'648963cbf0e23a34','2026-12-01 02:12:43.188208','2026-12-01 02:12:43.238870',6.23046230030013248324e-02,NULL,'{"potential":{"name":"emt","label":"Effective medium theory","family":"classical","version":"1","package":"ase","package_version":"3.29.0","weights_sha256":"8ce8bb2f90e8afad8f091b8c3f600ea260534e5c270a6b2c82cae1817cdf3881","functional":"none (empirical)","training_set":"Parameters of Al, Ni, Cu, Pd, Ag, Pt, Au metals; H, C, N, O only to try things out","citation":"doi:10.1016/0039-6028(96)00816-3","licence":"LGPL-2.1-or-later (ASE)","notes":["A demonstration: meant for metals, computed in milliseconds, not a universal potential."]},"seconds":0.058723460002511274,"statistics":{"frame_count":2,"atom_count":8,"component_count":24,"slope":1.3324556243331793,"slope_standard_error":0.09249885502913817,"slope_interval":{"low":0.15714623447121046,"high":2.507765014195148,"level":0.95,"method":"jackknife by frame"},"slope_with_intercept":1.3324556243331795,"intercept":5.551899696240276e-10,"r_squared":0.8710110577187345,"rmse":0.27751755818370716,"mae":0.25369455865328505,"corrected_mae":0.1349734698424524,"error_reduction":0.4679686054011287,"linear_correction":0.6536886045676963,"mae_at_linear_correction":0.1368563247117016,"inverse_slope":0.7504940365278168,"huber_slope":1.3403246083900813,"largest_leverage":{"share":0.22263555321517406,"frame":1,"atom":0,"axis":"z","reference":1.04972428,"predicted":1.3912350183383175,"slope_without":1.3344953137532392},"curvature_linear":1.2521156518391026,"curvature_quadratic":0.11420094838615209,"leave_one_frame_out":[1.250139376167552,1.3746465412423483],"labels_needed":{"half_width":0.02,"components":2526,"frames":86},"reference_rms":0.4541218120311475,"reference_max":1.04972428,"elements":[],"magnitude_bins":[],"frames":[{"frame":0,"component_count":12,"slope":1.250139376167552,"slope_of_others":1.3746465412423483,"mae":0.18193727776829016,"net_force_per_atom":2.5018537765542006e-17},{"frame":1,"component_count":12,"slope":1.3746465412423483,"slope_of_others":1.250139376167552,"mae":0.32545183953828,"net_force_per_atom":2.5000000056230043e-9}],"notices":[{"code":"few_frames","message":"There are 2 frames only, so the interval ±1.18 is rough; ten frames give a dependable one."}],"softening_share":0.2959587348270957,"scatter_share":0.7040412651729042,"label_noise":0.03,"effective_frames":2,"no_interval_reason":null,"distinct_frames":2,"degrees_of_freedom":1.0},"refused":[],"notices":[{"code":"demonstration_potential","message":"Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones."}],"populations":[],"verdict":{"level":"inconclusive","headline":"Too few independent frames to tell whether the potential is soft.","sentences":[{"code":"scale","text":"The softening scale is 1.33 (95 % interval 0.157 to 2.51, 2 frames, 24 force components); 1 is unbiased.","numbers":{"slope":1.3324556243331793,"component_count":24.0,"frame_count":2.0,"interval_low":0.15714623447121046,"interval_high":2.507765014195148,"level_percent":95.0}},{"code":"error_split","text":"Of its squared force error, 29.6 % is stiffening and 70.4 % is scatter.","numbers":{"softening_percent":29.59587348270957,"scatter_percent":70.40412651729042}},{"code":"wide_interval","text":"The interval is ±1.18 wide and holds both softening and none. Add frames far from each other.","numbers":{"half_width":1.1753093898619689}},{"code":"stability","text":"Without any one of the frames it stays between 1.25 and 1.37 (frame 2 moves it most: 1.25 without it); the robust (Huber) slope is 1.34.","numbers":{"leave_one_out_low":1.250139376167552,"leave_one_out_high":1.3746465412423483,"huber_slope":1.3403246083900813,"frame":2.0,"slope_without":1.250139376167552}},{"code":"demonstration_potential","text":"Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones.","numbers":{}},{"code":"labels_needed","text":"To know the scale to ±0.02, about 86 frames like these are needed in all (20 to 83673); there are 2.","numbers":{"half_width":0.02,"frames":86.0,"frames_low":20.0,"frames_high":83673.0,"frames_present":2.0}},{"code":"limits","text":"This holds for configurations like these frames. A slope of the forces predicts neither migration barriers nor relaxed energies, which come out too low even for an unbiased potential.","numbers":{}}]},"error":null,"energies":{"statistics":null,"refusal":"The frames have no energies. Give them in the file to have energies compared."},"stresses":{"statistics":null,"refusal":"The frames have no stresses. Give them in the file to have stresses compared."},"influence":{"most_influential_frame":{"frame":1,"slope_without":1.250139376167552,"change":-0.08231624816562721,"weight":0.66113663511796},"weights":{"top_component_count":1,"top_component_share":0.22263555321517406,"top_atom_count":1,"top_atom_share":0.30250126653197773,"effective_component_count":8.968232616428374},"residual_scale":0.2043885399552475,"outlier_limit":10.0,"outlier_count":0,"outliers":[],"worst_atoms":[{"frame":1,"atom":2,"atomic_number":29,"reference":[0.60697359,0.40250624,-0.03838473],"predicted":[0.9102263609443098,0.6272316051018194,-0.5348456426970962],"error":0.6236482747844188,"deviation":2.4498411803467066},{"frame":1,"atom":3,"atomic_number":29,"reference":[0.08441776,-0.6974907,-0.1738882],"predicted":[0.4350916851000859,-0.8798519031195617,0.27898060712426487],"error":0.6010973021187745,"deviation":2.971517776398443},{"frame":1,"atom":1,"atomic_number":29,"reference":[-0.09573174,0.0937878,-0.83745136],"predicted":[-0.43429248812402044,-0.22825579760314207,-1.1353699827654804],"error":0.5541578878965375,"deviation":2.2900496586192456},{"frame":1,"atom":0,"atomic_number":29,"reference":[-0.59565961,0.20119666,1.04972428],"predicted":[-0.9110255579203708,0.4808760956208902,1.3912350183383175],"error":0.5424996333798913,"deviation":1.1736813606214644},{"frame":0,"atom":0,"atomic_number":29,"reference":[-0.25743731,0.08902147,-0.04996862],"predicted":[-0.15748104622536618,-0.20540949153544208,-0.3165610577835878],"error":0.40957584604303177,"deviation":2.2039889135352855},{"frame":0,"atom":3,"atomic_number":29,"reference":[0.18678527,-0.05193781,-0.50130136],"predicted":[0.08728526776440426,0.24324376817574267,-0.6976605429633738],"error":0.3682245826574447,"deviation":1.7307372084054282},{"frame":0,"atom":2,"atomic_number":29,"reference":[-0.31992137,-0.66442742,0.08891598],"predicted":[-0.35433536305380064,-0.8647545090379474,0.36471417929116834],"error":0.3426075192586639,"deviation":1.2616846933693255},{"frame":0,"atom":1,"atomic_number":29,"reference":[0.39057341,0.62734376,0.462354],"predicted":[0.42453114151475324,0.8269202323976472,0.6495074214557892],"error":0.2756996536576083,"deviation":0.5102435233073239}],"worst_frames":[{"frame":1,"mae":0.32545183953828,"rmse":0.33561534954360567,"error_share":0.731261491217913},{"frame":0,"mae":0.18193727776829016,"rmse":0.20345595924233323,"error_share":0.2687385087820871}]},"advice":{"inverse_slope":0.7504940365278168,"inverse_slope_interval":{"low":0.3987614446886061,"high":6.363499598733321,"level":0.95,"method":"jackknife by frame"},"linear_correction":0.6536886045676963,"linear_correction_interval":{"low":0.07081479564992832,"high":1.2365624134854643,"level":0.95,"method":"jackknife by frame"},"held_out":{"frame_count":2,"mae_before":0.25369455865328505,"mae_after":0.14056631058593827,"mae_after_interval":{"low":0.0,"high":0.4934415915512188,"level":0.95,"method":"jackknife by frame"},"mae_after_inverse_slope":0.14861870093730337,"gain":0.4459230370090632,"gain_interval":{"low":-0.9838438412603623,"high":1.8756899152784887,"level":0.95,"method":"jackknife by frame"}},"held_out_refusal":null,"frames_needed":{"half_width":0.02,"frames":86,"frames_low":20,"frames_high":83673,"frames_present":2,"further_frames":84,"frame_spread":0.09249885502913817},"frames_needed_refusal":null,"is_recommended":false,"code":"unsure_gain","text":"Not yet known: these labels do not tell whether the best factor, 0.654 (0.0708 to 1.24), differs from 1. Label more frames.","next_frames":[{"frame":1,"predicted_rms":0.7678859309844456,"weight":1.0,"distance":null},{"frame":0,"predicted_rms":0.5010800600327958,"weight":0.42581486688921755,"distance":0.077606460012619}],"next_frames_rule":"All frames here are labelled. When you label more, take configurations like these, and others far from them: they carry the largest predicted forces (the weight of a frame in the slope), and differ from each other in interatomic distances, composition or density.","relative_errors":{"frame_count":2,"uncorrected":{"value":0.6111081891055976,"interval":{"low":0.13948009983868023,"high":2.677465955529506,"level":0.95,"method":"jackknife by frame"}},"corrected":{"value":0.3671845912039847,"interval":{"low":0.33529623109155793,"high":0.40210569495134413,"level":0.95,"method":"jackknife by frame"}}},"is_optional":false,"holds_for":["energy","forces","stress"],"caveat":""},"reference_states":[{"formula":"Cu","energy_per_atom":0.022773733082358305,"origin":"copper.extxyz, frame 1"}],"doubts":[],"tested":[{"topic":"unit","value":"eV/Å","ground":"tested","detail":"With it the potential''s forces follow the reference: R² 0.871, and a slope of 1.33, as benchmark materials have."}],"answer":{"code":"do_not_conclude","reason":"demonstration_potential","title":"No answer: a potential for demonstrations","text":"Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones.","numbers":{},"errors":{"frame_count":2,"uncorrected":{"value":0.6111081891055976,"interval":{"low":0.13948009983868023,"high":2.677465955529506,"level":0.95,"method":"jackknife by frame"}},"corrected":{"value":0.3671845912039847,"interval":{"low":0.33529623109155793,"high":0.40210569495134413,"level":0.95,"method":"jackknife by frame"}}},"force_error_limit":0.2,"slope_error_limit":0.1,"findings":[]},"materials":[]}','f2858fcd90937a0f9f487a95572c47d8817c887c2cadec55715a52b9e9f3eacd');
INSERT INTO "runs" VALUES(2,'aOEC_w566ourdRby-c_x3w',0,'emt','Effective medium theory','classical','failed',0,2,8,1,'648963cbf0e23a34','2026-12-01 02:12:43.327828','2026-12-01 02:12:43.333207',NULL,'{"code": "prediction_failed", "message": "The potential gave no forces.", "where": null, "advice": null}',NULL,NULL);
INSERT INTO "runs" VALUES(3,'VdE-dZVV1dQ3MjtQwaaYpQ',0,'emt','Effective medium theory','classical','cancelled',0,2,8,0,NULL,'2026-12-01 02:12:43.340746',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(4,'liAwokULYHg4NjBoIrcNGg',0,'emt','Effective medium theory','classical','running',1,3,12,1,'gone','2026-12-01 02:12:43.736503','2026-12-01 02:12:43.765808',NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(5,'BXldRjw5AxT7qdU5YYNftQ',0,'emt','Effective medium theory','classical','queued',0,2,8,0,NULL,'2026-12-01 02:12:43.767922',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sampling_owners (
	sampling_id VARCHAR(32) NOT NULL,
	title VARCHAR(200) NOT NULL,
	delete_token_sha256 VARCHAR(64) NOT NULL,
	PRIMARY KEY (sampling_id),
	FOREIGN KEY(sampling_id) REFERENCES samplings (id) ON DELETE CASCADE
);
INSERT INTO "sampling_owners" VALUES('y2d0BuqqrpW8WFS-RIOnXw','Hot copper','a5c80688ef593210325486d5b989ac81ad2676c884cf22c3e260c132fb04c4cf');
INSERT INTO "sampling_owners" VALUES('OoUmOBlhxMceTEgT1y42QA','States of Cu by Effective medium theory','d95f66905f7600e4fef841ca7e0aba91941ab02be344ca2ad8f626aca261bfd5');
INSERT INTO "sampling_owners" VALUES('sAGJSzilEs7XPKPYa6Dm9Q','States of Cu by Effective medium theory','9ba1d24f3e4533c443c1e9822202d6b574bcaa4d9dd9cb513f3230beb3e7d277');
CREATE TABLE samplings (
	id VARCHAR(32) NOT NULL,
	queue VARCHAR(80) NOT NULL,
	state VARCHAR(16) NOT NULL,
	created_at DATETIME NOT NULL,
	finished_at DATETIME,
	expires_at DATETIME,
	enqueued_at DATETIME NOT NULL,
	heartbeat_at DATETIME,
	worker_id VARCHAR(32),
	attempts INTEGER NOT NULL,
	structure_sha256 VARCHAR(64) NOT NULL,
	frames_sha256 VARCHAR(64),
	zip_sha256 VARCHAR(64),
	origin TEXT NOT NULL,
	progress TEXT,
	mean_temperature DOUBLE,
	error TEXT,
	PRIMARY KEY (id)
);
INSERT INTO "samplings" VALUES('y2d0BuqqrpW8WFS-RIOnXw','classical','done','2026-12-01 02:12:44.935314','2026-12-01 02:12:46.067287',NULL,'2026-12-01 02:12:44.940367','2026-12-01 02:12:45.043687','648963cbf0e23a34',1,'e9b9049c5dfad7a149845df514babc6d38e80bf18128902d456470b08dadf7d7','ada1d40965052f811908716ccd30998bef1fe789858740c3a8758b9cae055831','5e6ca3f65f6535650e5b2ff1c50b2396373d295e5059752b2527eafab4e016ce','{"file_name":"cu.cif","structure":{"file_format":"CIF","formula":"Cu","elements":["Cu"],"atom_count":4,"supercell":[2,2,1],"warnings":[],"source":"cu.cif"},"potential":"emt","label":"Effective medium theory","functional":"none (empirical)","plan":{"temperature":1000.0,"time_ps":0.04,"equilibration_ps":0.02,"frame_count":2},"expectation":null,"warnings":["Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones."],"estimated_seconds":4.672846725225099}','{"step":30,"step_count":30,"time_ps":0.06,"temperature":1132.9234033106743,"frames":2,"seconds":0.075}',9.22298039212385674552e+02,NULL);
INSERT INTO "samplings" VALUES('OoUmOBlhxMceTEgT1y42QA','classical','running','2026-12-01 02:12:47.113633',NULL,NULL,'2026-12-01 02:12:47.117458','2026-12-01 02:12:47.125757','gone',1,'e9b9049c5dfad7a149845df514babc6d38e80bf18128902d456470b08dadf7d7',NULL,NULL,'{"file_name":"cu.cif","structure":{"file_format":"CIF","formula":"Cu","elements":["Cu"],"atom_count":4,"supercell":[2,2,1],"warnings":[],"source":"cu.cif"},"potential":"emt","label":"Effective medium theory","functional":"none (empirical)","plan":{"temperature":1000.0,"time_ps":0.04,"equilibration_ps":0.02,"frame_count":2},"expectation":null,"warnings":["Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones."],"estimated_seconds":0.07500000000000001}','{"step":10,"step_count":30,"time_ps":0.02,"temperature":900.0,"frames":0,"seconds":0.5}',NULL,NULL);
INSERT INTO "samplings" VALUES('d12ac2vH_vPJJmVahS0wDA','classical','queued','2026-12-01 02:12:48.039691',NULL,NULL,'2026-12-01 02:12:48.047539',NULL,NULL,0,'e9b9049c5dfad7a149845df514babc6d38e80bf18128902d456470b08dadf7d7',NULL,NULL,'{"file_name":"cu.cif","structure":{"file_format":"CIF","formula":"Cu","elements":["Cu"],"atom_count":4,"supercell":[2,2,1],"warnings":[],"source":"cu.cif"},"potential":"emt","label":"Effective medium theory","functional":"none (empirical)","plan":{"temperature":1000.0,"time_ps":0.04,"equilibration_ps":0.02,"frame_count":2},"expectation":null,"warnings":["Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones."],"estimated_seconds":0.07500000000000001}',NULL,NULL,NULL);
INSERT INTO "samplings" VALUES('sAGJSzilEs7XPKPYa6Dm9Q','classical','cancelled','2026-12-01 02:12:48.905353','2026-12-01 02:12:48.929185',NULL,'2026-12-01 02:12:48.923310',NULL,NULL,0,'e9b9049c5dfad7a149845df514babc6d38e80bf18128902d456470b08dadf7d7',NULL,NULL,'{"file_name":"cu.cif","structure":{"file_format":"CIF","formula":"Cu","elements":["Cu"],"atom_count":4,"supercell":[2,2,1],"warnings":[],"source":"cu.cif"},"potential":"emt","label":"Effective medium theory","functional":"none (empirical)","plan":{"temperature":1000.0,"time_ps":0.04,"equilibration_ps":0.02,"frame_count":2},"expectation":null,"warnings":["Effective medium theory is a classical potential for demonstrations; its slope says nothing about universal ones."],"estimated_seconds":0.07500000000000001}',NULL,NULL,NULL);
CREATE TABLE uploads (
	id VARCHAR(32) NOT NULL,
	created_at DATETIME NOT NULL,
	frames_sha256 VARCHAR(64) NOT NULL,
	example_key VARCHAR(160),
	record TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (example_key)
);
INSERT INTO "uploads" VALUES('9z7zrqSKsLiLj7T-lKh6LA','2026-12-01 02:12:43.119441','9a474ea5ab0351f40f4ec1134065ab132eff6f753a40a88c1a5ea7dd97d2b4a1',NULL,'{"id":"9z7zrqSKsLiLj7T-lKh6LA","created_at":"2026-12-01T02:12:43.119441Z","files":[{"name":"copper.extxyz","sha256":"fdffb90ee2e0fc90c826bc0a7bbc9d49a53659918b70d60a18f4355f51b28c22","byte_count":1080}],"frames_sha256":"9a474ea5ab0351f40f4ec1134065ab132eff6f753a40a88c1a5ea7dd97d2b4a1","understanding":{"file_format":"extended XYZ","formula":"Cu","formulas":["Cu"],"elements":["Cu"],"functional":"PBE","code":null,"force_unit":"eV/Å (the convention of extended XYZ)","frames":[{"origin":"copper.extxyz, frame 1","formula":"Cu","atom_count":4,"has_energy":false,"has_stress":false,"functional":null},{"origin":"copper.extxyz, frame 2","formula":"Cu","atom_count":4,"has_energy":false,"has_stress":false,"functional":null}],"refused":[],"atom_count":8,"component_count":24,"reference_max":1.04972428,"reference_rms":0.4541218120311475,"warnings":[],"force_unit_is_stated":false,"spin":null,"hubbard_u":null,"dispersion":null,"frames_found":null,"was_reordered":false,"options":{"force_unit":"auto","force_factor":1.0,"forces":null,"structure":null,"symmetry":"auto","orientation":"auto","row_order":null,"reorder":false,"thin":false,"materials":"auto"},"readings":[{"topic":"order","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"orientation","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"unit","value":"eV/Å","ground":"assumed","detail":"The files do not state a unit; in another one all forces change by a common factor."}],"orientation_is_known":true,"order_is_known":true},"example":null}');
INSERT INTO "uploads" VALUES('HmUgOw3oX0eIc5nkomsFjw','2026-12-01 02:12:43.720309','fb599a9aedd5f6aa217cad2a1c7719e9ad975dc4705d0a1cc3e810e870471a36',NULL,'{"id":"HmUgOw3oX0eIc5nkomsFjw","created_at":"2026-12-01T02:12:43.720309Z","files":[{"name":"copper.extxyz","sha256":"7991ee2850c32d9c976161d899928a083147a49380f0831c520c65347833f3d9","byte_count":1620}],"frames_sha256":"fb599a9aedd5f6aa217cad2a1c7719e9ad975dc4705d0a1cc3e810e870471a36","understanding":{"file_format":"extended XYZ","formula":"Cu","formulas":["Cu"],"elements":["Cu"],"functional":"PBE","code":null,"force_unit":"eV/Å (the convention of extended XYZ)","frames":[{"origin":"copper.extxyz, frame 1","formula":"Cu","atom_count":4,"has_energy":false,"has_stress":false,"functional":null},{"origin":"copper.extxyz, frame 2","formula":"Cu","atom_count":4,"has_energy":false,"has_stress":false,"functional":null},{"origin":"copper.extxyz, frame 3","formula":"Cu","atom_count":4,"has_energy":false,"has_stress":false,"functional":null}],"refused":[],"atom_count":12,"component_count":36,"reference_max":1.35708029,"reference_rms":0.7245105292835082,"warnings":[],"force_unit_is_stated":false,"spin":null,"hubbard_u":null,"dispersion":null,"frames_found":null,"was_reordered":false,"options":{"force_unit":"auto","force_factor":1.0,"forces":null,"structure":null,"symmetry":"auto","orientation":"auto","row_order":null,"reorder":false,"thin":false,"materials":"auto"},"readings":[{"topic":"order","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"orientation","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"unit","value":"eV/Å","ground":"assumed","detail":"The files do not state a unit; in another one all forces change by a common factor."}],"orientation_is_known":true,"order_is_known":true},"example":null}');
INSERT INTO "uploads" VALUES('J2UOf20-UUg5abURfeN9jw','2026-12-01 02:12:44.203103','ccc0777e7c62d3fbdb87c64ce41f937801d5d38fee3af0aec58746160553f50f','nacl:49fb5f6420af0d11d52aea6f95a390846fd4e737f6f3aa3a96cb280b46ebb520','{"id":"J2UOf20-UUg5abURfeN9jw","created_at":"2026-12-01T02:12:44.203103Z","files":[{"name":"NaCl-one-frame.extxyz","sha256":"49fb5f6420af0d11d52aea6f95a390846fd4e737f6f3aa3a96cb280b46ebb520","byte_count":1459}],"frames_sha256":"ccc0777e7c62d3fbdb87c64ce41f937801d5d38fee3af0aec58746160553f50f","understanding":{"file_format":"extended XYZ","formula":"NaCl","formulas":["NaCl"],"elements":["Na","Cl"],"functional":"PBE","code":"GPAW 26.7.0 PAW plane-wave 520 eV, k-density 1.9/A^-1, FermiDirac 0.05 eV","force_unit":"eV/Å (the convention of extended XYZ)","frames":[{"origin":"NaCl-one-frame.extxyz, frame 1","formula":"NaCl","atom_count":8,"has_energy":true,"has_stress":true,"functional":null}],"refused":[],"atom_count":8,"component_count":24,"reference_max":1.26313966,"reference_rms":0.5199515496801589,"warnings":[],"force_unit_is_stated":false,"spin":null,"hubbard_u":null,"dispersion":null,"frames_found":null,"was_reordered":false,"options":{"force_unit":"auto","force_factor":1.0,"forces":null,"structure":null,"symmetry":"auto","orientation":"auto","row_order":null,"reorder":false,"thin":false,"materials":"auto"},"readings":[{"topic":"order","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"orientation","value":"as in the file","ground":"stated","detail":"The file has position and force of each atom side by side."},{"topic":"unit","value":"eV/Å","ground":"assumed","detail":"The files do not state a unit; in another one all forces change by a common factor."}],"orientation_is_known":true,"order_is_known":true},"example":"nacl"}');
CREATE TABLE workers (
	id VARCHAR(32) NOT NULL,
	queue VARCHAR(80) NOT NULL,
	host VARCHAR(255) NOT NULL,
	process_id INTEGER NOT NULL,
	state VARCHAR(16) NOT NULL,
	potentials TEXT NOT NULL,
	problems TEXT NOT NULL,
	started_at DATETIME NOT NULL,
	heartbeat_at DATETIME NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "workers" VALUES('gone','classical','elsewhere',7,'loading','[]','{}','2026-12-01 02:12:43.748971','2026-12-01 02:12:43.747163');
CREATE INDEX ix_uploads_frames_sha256 ON uploads (frames_sha256);
CREATE INDEX ix_samplings_state ON samplings (state);
CREATE INDEX ix_diagnoses_upload_id ON diagnoses (upload_id);
CREATE INDEX ix_diagnoses_state ON diagnoses (state);
CREATE INDEX ix_runs_diagnosis_id ON runs (diagnosis_id);
CREATE INDEX ix_runs_predictions_sha256 ON runs (predictions_sha256);
CREATE INDEX runs_by_queue ON runs (queue, state, id);
CREATE INDEX ix_creations_diagnosis_id ON creations (diagnosis_id);
COMMIT;
