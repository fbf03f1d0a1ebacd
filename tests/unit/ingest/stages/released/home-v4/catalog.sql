BEGIN TRANSACTION;
CREATE TABLE artifacts (
            stage TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, pack TEXT NOT NULL,
            start BIGINT NOT NULL, length BIGINT NOT NULL,
            PRIMARY KEY (stage, key));
INSERT INTO "artifacts" VALUES('parse','c16ba2d3e54183b52d6d15a9d068fa2ff191486edcd1d096bc1708bead8c8f00','e85de9c376563ecdfe0f4319dfd78d787b8d04ad0eb4ab36b3487655b4150dbf','parse/7c/7cbd3122fda9300037c0b781c0bf8e5a249b645ed1f3d7844c5e54f78e2fc2b3.pack',0,338);
INSERT INTO "artifacts" VALUES('parse','966eaf51eb0b2191177d265e916f8e7ecbb38ef293888f22aaab86b8788d5011','b72e5506914de3c34e656a1800544dc5d52cd5dd5478a8ebb065c5b2960a71d5','parse/7c/7cbd3122fda9300037c0b781c0bf8e5a249b645ed1f3d7844c5e54f78e2fc2b3.pack',338,319);
INSERT INTO "artifacts" VALUES('parse','bda55d38e66d6d85ae19090b87618c2be722e25197cf0767f328da82cd428d3d','612c1a6c3778ec480fe20cedc52adbf1d78fada925fa5424599138e004d3a38b','parse/7c/7cbd3122fda9300037c0b781c0bf8e5a249b645ed1f3d7844c5e54f78e2fc2b3.pack',657,293);
INSERT INTO "artifacts" VALUES('chunk','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774','0fb013a9b5c5d54192997197caadb8d5f7dd409b3a352b24acf17718f7026c34','chunk/6c/6c3a09d67e6d61fc6bdeeafdb702fcca3ce51b8c087d983c93c23ac2ce6317c7.pack',0,458);
INSERT INTO "artifacts" VALUES('chunk','19b718657d0dadbcc9e95563de85ff9f2f2bbef58deb0842779aa26c6e597e12','19ad5e52fde93cfedb8b7e79e04c02df2eeb2cbdb5f751b24c8802b4cfb355fb','chunk/6c/6c3a09d67e6d61fc6bdeeafdb702fcca3ce51b8c087d983c93c23ac2ce6317c7.pack',458,454);
INSERT INTO "artifacts" VALUES('chunk','db0185cff48f3dde96cf8b3121c2135857fcec5b94cf48e70b006a73fa0b4869','0cc736019802376a259bb36ed50646f07d917bb779ce074d82c839ad07eb1aa2','chunk/6c/6c3a09d67e6d61fc6bdeeafdb702fcca3ce51b8c087d983c93c23ac2ce6317c7.pack',912,410);
INSERT INTO "artifacts" VALUES('vector','fc7f19459dfaebf87e3feb8f936d4770da9907b658f4c379b1a32d76795b35cf','8ac5d9596ed263bd126d6169ce6cf48493542d338bd031bc54afbed14d1345cd','vector/fe/fef5987562e9fac5cacd27ddf5369208ffea9f4d7931057f1e5c6383e277ab27.pack',0,137);
INSERT INTO "artifacts" VALUES('parse','dda4f281e1c746b4c8de74f8b888dbb4b37846363049f51c43e7900ab028349a','da0da8ad03d923e5106272ef5f262a531f2922b194d2963170c5bae28e47b930','parse/3c/3c5aad2f0b2a4a1482edeafe7b7512a8995508fe2ce1810077dc73af97e6a5b1.pack',0,326);
INSERT INTO "artifacts" VALUES('chunk','1e27b30a061b9ef836ce648ceb8d29423e32e5b21494f7b2b8a688eae2a8520d','c497dcea8412aace59da4618de16e27b07be82ee0fa562e7d0c802e12198a4a9','chunk/e2/e26448bbe7a90a00cd0a7d317a06853895dedc2530f15cf3c46fe3d483754840.pack',0,466);
INSERT INTO "artifacts" VALUES('vector','148aaaad80e393abd6626f47eb72ac6ecffa1bf0dff80ff3308277b138278058','8fea5c4bc43791b9b3dcc606bfb021a8ddf8b93d04b98917ec30805d5ecf7474','vector/89/89bf08a05a78a44ac14ce7abc2c5284bec61df9c0f9ac5aae77b2deefa8215d3.pack',0,41);
INSERT INTO "artifacts" VALUES('parse','89112a8e8c51d5cd01832b44ee0a63201cac0b9f03c98e7969bc4ee84d5f088d','0b893eaed1c4e8ccb6d66e5786265ea2dcbdd921aa1a80f3864ddeba3e6a2b31','parse/0e/0e84715e454427acad1fd86b1290bf479508a3a4e4616d988b5730d9fc71fabe.pack',0,303);
INSERT INTO "artifacts" VALUES('chunk','4b10bc048c306ade2905790bbe9ba98176e349dec72b856dbae9f41204cd621e','686da2f04fcaa47f455d085d9ab4f7120bc46f2405358b59eca55fe2f46a90f0','chunk/94/9484a9bfe0cd12a99e55dcaaf3ca6b6efd7f7187198dc15c5def8e9a079346b4.pack',0,418);
INSERT INTO "artifacts" VALUES('vector','2fb4bdf87e4c8996d688b81f822c188220ce55f2f903e9138e764151e08b89ae','4f8a7ce4c1f4048c23b804c1e5aeedca9be8a8eedb7e8bf8ffd0f50ef65455c8','vector/bb/bb7b739d02908853e99ce618d3071a731388c1d86fd49720b2e30b23eac07a4c.pack',0,41);
CREATE TABLE bands (
            tenant TEXT NOT NULL, band BLOB NOT NULL, chunk_id TEXT NOT NULL,
            PRIMARY KEY (tenant, band, chunk_id));
INSERT INTO "bands" VALUES('default',X'00005B26C4247B9BA0FE','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'00019FF8BA1AAAE86B0C','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'0002FBB5CD43B1D46B06','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'0003BA65FEEF1A2A41C7','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'000468E9997065FD4D4D','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'0005075C1B8E1DC04F2C','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'0006A50BA5C7A702D79B','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'0007FC78981192A1D3D1','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'000827E9BBB8B7390C43','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'000996C43B95BEFBE6A6','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'000A1CB81142116FE1D4','864ca6e3-3071-5da5-85d9-4e73465b203f');
INSERT INTO "bands" VALUES('default',X'000B0091D0E7914495BF','864ca6e3-3071-5da5-85d9-4e73465b203f');
CREATE TABLE catalog_version (version BIGINT NOT NULL);
INSERT INTO "catalog_version" VALUES(4);
CREATE TABLE collections (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, description TEXT NOT NULL);
INSERT INTO "collections" VALUES('docstrata-90ffa18f4050','90ffa18f4050cd84151fbd6714cbd4ed17c85e4cb63b159fbd7be7c75a01b8ab','carried:all-MiniLM-L6-v2');
CREATE TABLE commits (seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, at_ns BIGINT NOT NULL);
INSERT INTO "commits" VALUES(1,1,2);
INSERT INTO "commits" VALUES(2,2,5);
INSERT INTO "commits" VALUES(3,2,6);
CREATE TABLE documents (
            doc_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,
            version BIGINT NOT NULL, sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, previous_doc_id TEXT,
            live INTEGER NOT NULL, stale INTEGER NOT NULL, top TEXT NOT NULL DEFAULT '', metadata_digest TEXT NOT NULL DEFAULT '');
INSERT INTO "documents" VALUES('66d394aa-3b22-5574-b320-0a01794783e3','default','manuals','a.md',2,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774',NULL,0,0,'','8b05318da1486078fe860184c4397a05fa4869eb85fe5e668247a21b762a1123');
INSERT INTO "documents" VALUES('442012d4-c9f8-5ac1-81de-35c9d4204fe0','default','manuals','b/copy.md',1,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774',NULL,1,0,'','8b05318da1486078fe860184c4397a05fa4869eb85fe5e668247a21b762a1123');
INSERT INTO "documents" VALUES('44d6491f-6505-5dfd-91bf-81589849f49b','default','manuals','c.md',2,'660c7109b3246ab950ef65749278d6e31002313f2b6ed975c59a1e851720889e','1e27b30a061b9ef836ce648ceb8d29423e32e5b21494f7b2b8a688eae2a8520d',NULL,1,1,'','8b05318da1486078fe860184c4397a05fa4869eb85fe5e668247a21b762a1123');
INSERT INTO "documents" VALUES('5b26475c-b23c-565c-838a-6957f628e99f','default','manuals','gone.md',2,'1b2a605e106c75148fe8157271e19658758ca590cae1b2c53b5bd7db15669abe','db0185cff48f3dde96cf8b3121c2135857fcec5b94cf48e70b006a73fa0b4869',NULL,0,0,'','8b05318da1486078fe860184c4397a05fa4869eb85fe5e668247a21b762a1123');
INSERT INTO "documents" VALUES('8e9a815c-eb05-57e0-a3e0-f1923b906d0c','default','manuals','moved.md',1,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774','66d394aa-3b22-5574-b320-0a01794783e3',1,0,'','8b05318da1486078fe860184c4397a05fa4869eb85fe5e668247a21b762a1123');
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "facts" VALUES('dedup','a41e4fda3958419fd2fdf511b5b2a42b6d7aa4cb4ab1361363ccfadb2b3350f6');
CREATE TABLE failures (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL, failure TEXT NOT NULL, top TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (tenant, source, path));
INSERT INTO "failures" VALUES('default','manuals','broken.pdf','83bd452898f984b4c6a15586effba90f31123a9640647ffff8f6dce2f4127772','{"schema_version":1,"key":"83bd452898f984b4c6a15586effba90f31123a9640647ffff8f6dce2f4127772","source":"manuals","path":"broken.pdf","uri":"file:///srv/manuals/broken.pdf","stage":"parse","page":null,"code":"corrupt_file","message":"broken.pdf is not a readable PDF (it is damaged): open it in a PDF viewer and save it again, or fetch it anew from where it came.","facts":{"name":"broken.pdf"},"traceback":"Traceback (most recent call last):\n  File \"/opt/python/pymupdf/__init__.py\", line 3026, in __init__\n    doc = mupdf.fz_open_document_with_stream_and_dir(suffix, fz_stream, archive.this)\n          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/opt/python/pymupdf/mupdf.py\", line 53204, in fz_open_document_with_stream_and_dir\n    return _mupdf.fz_open_document_with_stream_and_dir(magic, stream, dir)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\npymupdf.mupdf.FzErrorFormat: code=7: no objects found\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/opt/docstrata/ingest/parsers/pdf/opening.py\", line 25, in open_pdf\n    document = pymupdf.open(source.path, filetype=\"pdf\")\n               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/opt/python/pymupdf/__init__.py\", line 3029, in __init__\n    raise FileDataError(f''Failed to open file {filename!r} as type {suffix}.'') from e\npymupdf.FileDataError: Failed to open file ''/srv/manuals/broken.pdf'' as type pdf.\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/opt/docstrata/ingest/workers/pool.py\", line 81, in _in_this_process\n    outcome: Out | DocstrataError = self._here(job)\n                                    ^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 149, in work_or_part\n    return part_read(job) if isinstance(job, PagesPart) else work(job)\n                                                             ^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 141, in work\n    document = parsed(job.source)\n               ^^^^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 130, in parsed\n    return parser(source.route).parse(source)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/parsers/pdf/parser.py\", line 63, in parse\n    with open_pdf(source, self._tools.options) as document:\n         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/parsers/pdf/opening.py\", line 35, in open_pdf\n    raise CorruptFile(\nschemas.errors.CorruptFile: broken.pdf is not a readable PDF (it is damaged): open it in a PDF viewer and save it again, or fetch it anew from where it came.\n","attempts":1}','');
INSERT INTO "failures" VALUES('default','manuals','c.md','16d3229f371226bf10d82238927888895cd47a2c53daef7cb52bb01bfedf8e17','{"schema_version":1,"key":"16d3229f371226bf10d82238927888895cd47a2c53daef7cb52bb01bfedf8e17","source":"manuals","path":"c.md","uri":"file:///srv/manuals/c.md","stage":"parse","page":null,"code":"no_text","message":"c.md holds no text: leave it out, or put the text back.","facts":{"name":"c.md"},"traceback":"Traceback (most recent call last):\n  File \"/opt/docstrata/ingest/workers/pool.py\", line 81, in _in_this_process\n    outcome: Out | DocstrataError = self._here(job)\n                                    ^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 149, in work_or_part\n    return part_read(job) if isinstance(job, PagesPart) else work(job)\n                                                             ^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 141, in work\n    document = parsed(job.source)\n               ^^^^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/stages/work.py\", line 130, in parsed\n    return parser(source.route).parse(source)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/opt/docstrata/ingest/parsers/markdown/parser.py\", line 49, in parse\n    raise NoText(f\"{source.name} holds no text: leave it out, or put the text back.\", name=source.name)\nschemas.errors.NoText: c.md holds no text: leave it out, or put the text back.\n","attempts":1}','');
CREATE TABLE files (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, size BIGINT NOT NULL,
            mtime_ns BIGINT NOT NULL, ctime_ns BIGINT NOT NULL, inode BIGINT NOT NULL, listed_at_ns BIGINT NOT NULL,
            sha256 TEXT NOT NULL, status TEXT NOT NULL, top TEXT NOT NULL DEFAULT '', sidecar TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (tenant, source, path));
INSERT INTO "files" VALUES('default','manuals','b/copy.md',88,1795848494748882420,1795848494748882420,3465978,1795848495635818493,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','ok','','');
INSERT INTO "files" VALUES('default','manuals','c.md',1,1795848505821908894,1795848505821908894,3465993,1795848506020745027,'01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b','failed','','');
INSERT INTO "files" VALUES('default','manuals','broken.pdf',15,1795848501593080236,1795848501593080236,3465479,1795848501776683048,'cafcfe64bdc138d48572826a441e436f1f382d0a478636667a7ece5e7aff868f','failed','','');
INSERT INTO "files" VALUES('default','manuals','moved.md',88,1795848494748714971,1795848501593080236,3465720,1795848501776683048,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','ok','','');
CREATE TABLE intents (
            seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, plan BLOB NOT NULL);
INSERT INTO "intents" VALUES(4,4,X'28B52FFD601308352000BA42600B2350499A07180C3DB07E3B505B5912A8256DDA0B006044A1DFB66DDB8BC3536933335326AD00B300A700B50BFC19AAD84540255009FCED000778397B2826D7DA92C6BFD5463ACF0CC45433D25BAEA55207B539B4F87DDE534E2268B864CF78471EC37974E9A196D6B94892A656DAB75AC905BB02E06F277CF0E1324937B5153EF8E5D258E6606F9B203452F0D3441F9923C35D6CC3993303A25FC66CEB4F4BCF073B45061CCCDC4A2D820BBE49D3F39D0FBEB5EB5F2E103A98A9C8EDE5A3D254A4360B17EBE002CF70810EAE9632CB279056FE20194E10D4918404E1596EB1042172E7407B11C52E938B67929E4B236D82269686B92F7B729190E0E0BEED7D5F317432E912110E7C3082E16F2F973160FD6069A58040B848537F850BAE6FE8C6503BE1E2003807FFD20706A9066C3DA80D17B0B112A97F606FA2DC03F249EC8B1CB0910B83372C8DB8873216F18B52492A15DD7B9386F7B7F1B131E3CCA60C0411744926BED2600062A8D4FB0F5C7072E9E5A2D2032EF81CEC7FFB11BF70C100BE5A2FB88F50706D2DF0073F02CA70C12EAAF77EA7955488B176703D74E49129755493F9C38749BE78643CFF1C6CE427AEB65C526CCDC3073796FAC0140A898529140AC7C17469E87CA591D6E9FDE59D321F11C6202161696C3C18E85787CE99AE1A2596948BDFD469EF12B93F0E4E5788259612FA6EE9A035197BD7EC35576831A4D61F5CF9092E98AD3FE9D7A7285F54A7B5B7E4F1568D4DF7E67C9FBECEC36FB3DFD36CF513BED58EB5079537C7BC210906030EAE7FAF352C7626B4E7D2F25D9D8560634821FE97A168B1B694AD541A2A4DF427A7130417065E3B72C153B9275F4AAAE1F203BF5D7584E73DC61C3C09224C6369E2170417AC12429D9A8B28B55BE9B5F6EC277BF1617BAB273BEDA05AB2BD9FCF9DF6166A7F48B1131FC25E949ACB75125A137E476FECC5E4E43B5CEA9B430F76841FE3818E1D98DEBB1D25DF4231E1367649EFACC4D842EDB0B71E83EE157A152E980A70A8519D428830322322128DA4206A032042628842981E1220E65047193213238104164E9024450529D018340294CC10121D6BAAB5DF7E061672CC8358606AB1FA9D46D86D33D509C761B66BB501DCFFDAFDB22691157FD76B875B2C3645FD7238C290778F3FBF32744B305435211325982A2E31A8E8C9F63B05324C9003B5487A2F881826B31551B075A4CE8D2F48C1189369C8F9B617F2D0E1C327F291C4B8D659B4AD4112C9FCC2DFCDFCBAC20B5D181891EEAB1C856F47AD87A3E3A29DB4AE22C2D38378ED01A302018113E97CB6B0D32320106451652E8351ABD635ADAB0B7EEFE83DD2A1BA592086E0A587EEC7A2F6F6CE10BF8EB42C42EB4E7EC004EDE6E4F056FD7C082F7D96615DE053A505812F6130F31ED4B63B1005C190C6A4A610025FDCC2A58BD34D01');
CREATE TABLE page_failures (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, page BIGINT NOT NULL,
            failure TEXT NOT NULL, top TEXT NOT NULL,
            PRIMARY KEY (tenant, source, path, page));
CREATE TABLE points (
            point_id TEXT PRIMARY KEY, chunk_id TEXT NOT NULL, doc_id TEXT NOT NULL, payload_digest TEXT NOT NULL,
            vector_key TEXT, survivor TEXT, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL);
INSERT INTO "points" VALUES('05728284-c50f-5215-8e45-9eb6a7b461d7','73172043-26ba-5c8b-8462-c13c314c850d','66d394aa-3b22-5574-b320-0a01794783e3','668f763f6d6f8becfa00537481703278ad9fdf4979e4af6c2e649ce6717aca2a','db5e80cb83f2314bdff1357b96ffd5453640a5ef4767def923096d690377158b',NULL,1,3);
INSERT INTO "points" VALUES('a47527d6-0c74-5c22-9415-184b2f743763','9d8f6fc4-fd2a-51a2-a390-c7747bd2336b','442012d4-c9f8-5ac1-81de-35c9d4204fe0','6235519f4d8f948efdab0bda02113fed9e5c82bb2186c392898d8eb35c3fc96c',NULL,'73172043-26ba-5c8b-8462-c13c314c850d',1,3);
INSERT INTO "points" VALUES('532f6868-2657-517c-9215-2c5119cbbdca','9ad1a66e-2a5f-586e-98a2-64cf030b5d72','44d6491f-6505-5dfd-91bf-81589849f49b','b1a1a91f09832fe825ab9db05419467ed6520588f793ddea13027ace62cf09fc','6dc5abac2ed373748aeaadf90514606195c39d531e8ec088a7946173e3bd7ebd',NULL,1,2);
INSERT INTO "points" VALUES('6ebf0e5b-eff0-5227-9ca3-edb08c838586','48b09f3c-f933-598d-a426-349ee052b396','44d6491f-6505-5dfd-91bf-81589849f49b','430881b4af053d6c75eae98bcf0ce0ca3c85fbf1e0812171092b6791c3bc7f90','08d009b2736f6dce212d7ceb09865b680a0aa9c1b97e2a68113d95a70d694161',NULL,1,2);
INSERT INTO "points" VALUES('ae07dd05-b703-5fc0-8b7f-dbb91f7aad30','483b00bd-e216-5b52-9766-9e173b434792','5b26475c-b23c-565c-838a-6957f628e99f','8477b12cc85596cf474d4b2bfd078b68cd8860b1e9ecfc1804050cf1c9c551a6','101fbd0bb6fb1649ba3fd8e40ab4897b6b82d817aaa6a1736b96c3e1fc389d44',NULL,1,3);
INSERT INTO "points" VALUES('bf99d6c0-c92d-585d-9eb1-bad7347b0888','9ad1a66e-2a5f-586e-98a2-64cf030b5d72','44d6491f-6505-5dfd-91bf-81589849f49b','e0f6762f2a77bc14dda1689d688ed8f339f59fe15d66fe8f8eb91f1a8b3472d1','60a954a467f3230b360bdb3e2c1ffe3813dba1931ac4f45f8b45172abf2c959e',NULL,2,9007199254740992);
INSERT INTO "points" VALUES('5c13d796-a520-59af-8e8a-a23d857595a0','68e751b8-f196-53ca-b484-68c3ca9b72c7','44d6491f-6505-5dfd-91bf-81589849f49b','b5bf29f5050d003ab057d37388d51b4bfa735e82c308b7b24928ca5163b9afd9','527b4e64fc88c0c8dd720ff975535902da024a92bc342e03ac9ccaf93ed9b239',NULL,2,9007199254740992);
INSERT INTO "points" VALUES('f946e0a9-db54-5b00-9842-ef85b44ceaa6','864ca6e3-3071-5da5-85d9-4e73465b203f','8e9a815c-eb05-57e0-a3e0-f1923b906d0c','53c4cba61370191e7f7a1c0fee697a8897d24bf2c1dba849bb31891443cd7a70','db5e80cb83f2314bdff1357b96ffd5453640a5ef4767def923096d690377158b',NULL,2,9007199254740992);
INSERT INTO "points" VALUES('61dacbb5-413b-59dc-b243-7e53dcefca02','9d8f6fc4-fd2a-51a2-a390-c7747bd2336b','442012d4-c9f8-5ac1-81de-35c9d4204fe0','899f7c50a987cd29b67ecb85af902e0dabbb4794271930ae13ce30cccd32c366',NULL,'864ca6e3-3071-5da5-85d9-4e73465b203f',3,9007199254740992);
CREATE TABLE runs (
            number BIGINT PRIMARY KEY, run_id TEXT NOT NULL, started_ns BIGINT NOT NULL, finished_ns BIGINT,
            state TEXT NOT NULL, summary TEXT NOT NULL);
INSERT INTO "runs" VALUES(1,'8f96bba62fab',1,3,'done','{"schema_version":1,"run_id":"8f96bba62fab","seen":4,"parsed":3,"unchanged":0,"duplicates":1,"failed":0,"ignored":0,"renamed":0,"removed":0,"members":0,"members_failed":0,"pages_failed":0,"chunks":5,"embedded":4,"written":5,"retired":0,"points":5,"seconds":{"total":6.7489,"publish":0.5485,"discover":0.0008,"parse":0.5038,"store":0.0303,"dedup":4.8498,"embed":0.0222},"warnings":[]}');
INSERT INTO "runs" VALUES(2,'a373d5972ce7',4,7,'done','{"schema_version":1,"run_id":"a373d5972ce7","seen":4,"parsed":1,"unchanged":2,"duplicates":0,"failed":1,"ignored":0,"renamed":1,"removed":1,"members":0,"members_failed":0,"pages_failed":0,"chunks":3,"embedded":1,"written":4,"retired":5,"points":4,"seconds":{"total":4.2199,"publish":1.5868,"discover":0.0007,"parse":2.3566,"store":0.0336,"dedup":0.0354,"embed":0.0043},"warnings":[]}');
INSERT INTO "runs" VALUES(3,'07eb5d20e16f',8,9,'done','{"schema_version":1,"run_id":"07eb5d20e16f","seen":4,"parsed":0,"unchanged":2,"duplicates":0,"failed":2,"ignored":0,"renamed":0,"removed":0,"members":0,"members_failed":0,"pages_failed":0,"chunks":0,"embedded":0,"written":0,"retired":0,"points":4,"seconds":{"total":0.3119,"publish":0.0001,"discover":0.0006,"parse":0.121},"warnings":[]}');
INSERT INTO "runs" VALUES(4,'5b85e88aa002',10,12,'interrupted','');
CREATE TABLE sources (
            tenant TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, root TEXT NOT NULL,
            PRIMARY KEY (tenant, source));
INSERT INTO "sources" VALUES('default','manuals','mirror','/srv/manuals');
CREATE TABLE survivors (
            chunk_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, doc_id TEXT NOT NULL, text_digest BLOB NOT NULL,
            point_id TEXT NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL);
INSERT INTO "survivors" VALUES('9ad1a66e-2a5f-586e-98a2-64cf030b5d72','default','44d6491f-6505-5dfd-91bf-81589849f49b',X'8DEDB8AB302415913D9E78ECA56365CC','bf99d6c0-c92d-585d-9eb1-bad7347b0888',1,2);
INSERT INTO "survivors" VALUES('68e751b8-f196-53ca-b484-68c3ca9b72c7','default','44d6491f-6505-5dfd-91bf-81589849f49b',X'CA8E4EB174042795D0494DC833373852','5c13d796-a520-59af-8e8a-a23d857595a0',2,1);
INSERT INTO "survivors" VALUES('864ca6e3-3071-5da5-85d9-4e73465b203f','default','8e9a815c-eb05-57e0-a3e0-f1923b906d0c',X'386A0C985302C809331FA513D5D8DACB','f946e0a9-db54-5b00-9842-ef85b44ceaa6',2,2);
CREATE TABLE vectors (
            key TEXT PRIMARY KEY, pack TEXT NOT NULL, place BIGINT NOT NULL);
INSERT INTO "vectors" VALUES('db5e80cb83f2314bdff1357b96ffd5453640a5ef4767def923096d690377158b','fc7f19459dfaebf87e3feb8f936d4770da9907b658f4c379b1a32d76795b35cf',0);
INSERT INTO "vectors" VALUES('0ab0fe4324f81c4add29e04bfb6bfb241b87024f0d3fd554a9c9bf6a96e45659','fc7f19459dfaebf87e3feb8f936d4770da9907b658f4c379b1a32d76795b35cf',1);
INSERT INTO "vectors" VALUES('8deef5b2be1df47af0e42980873935ff8ec44d72447db2cf663e6bd21ffe1834','fc7f19459dfaebf87e3feb8f936d4770da9907b658f4c379b1a32d76795b35cf',2);
INSERT INTO "vectors" VALUES('101fbd0bb6fb1649ba3fd8e40ab4897b6b82d817aaa6a1736b96c3e1fc389d44','fc7f19459dfaebf87e3feb8f936d4770da9907b658f4c379b1a32d76795b35cf',3);
INSERT INTO "vectors" VALUES('d38b4c9c26b5bdc7defa931bc02e49ce976fc6878f3eb78df239fb6d7817464c','148aaaad80e393abd6626f47eb72ac6ecffa1bf0dff80ff3308277b138278058',0);
INSERT INTO "vectors" VALUES('4315413d685a7e55f41026ae12252513df970e71cde6036eb732521a3df0017d','2fb4bdf87e4c8996d688b81f822c188220ce55f2f903e9138e764151e08b89ae',0);
CREATE TABLE versions (
            doc_id TEXT NOT NULL, version BIGINT NOT NULL, seq BIGINT NOT NULL, run_number BIGINT NOT NULL,
            sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, gone INTEGER NOT NULL,
            PRIMARY KEY (doc_id, version));
INSERT INTO "versions" VALUES('66d394aa-3b22-5574-b320-0a01794783e3',1,1,1,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774',0);
INSERT INTO "versions" VALUES('442012d4-c9f8-5ac1-81de-35c9d4204fe0',1,1,1,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774',0);
INSERT INTO "versions" VALUES('44d6491f-6505-5dfd-91bf-81589849f49b',1,1,1,'0fe82b881df41e1ca46e8b0b2038eb0153ea52547dbafb46d5118c2e2f32e76a','19b718657d0dadbcc9e95563de85ff9f2f2bbef58deb0842779aa26c6e597e12',0);
INSERT INTO "versions" VALUES('5b26475c-b23c-565c-838a-6957f628e99f',1,1,1,'1b2a605e106c75148fe8157271e19658758ca590cae1b2c53b5bd7db15669abe','db0185cff48f3dde96cf8b3121c2135857fcec5b94cf48e70b006a73fa0b4869',0);
INSERT INTO "versions" VALUES('44d6491f-6505-5dfd-91bf-81589849f49b',2,2,2,'660c7109b3246ab950ef65749278d6e31002313f2b6ed975c59a1e851720889e','1e27b30a061b9ef836ce648ceb8d29423e32e5b21494f7b2b8a688eae2a8520d',0);
INSERT INTO "versions" VALUES('8e9a815c-eb05-57e0-a3e0-f1923b906d0c',1,2,2,'e93c75cabdbfd10d986153c7ad1e4b9ae8a55973a44e474b3a9650dbe87e5d5c','1ae09766c52617fc51b247598a451ef9a0f56ab1c961b55b2a6405afa9b5e774',0);
INSERT INTO "versions" VALUES('66d394aa-3b22-5574-b320-0a01794783e3',2,3,2,'','',1);
INSERT INTO "versions" VALUES('5b26475c-b23c-565c-838a-6957f628e99f',2,3,2,'','',1);
CREATE INDEX documents_by_source ON documents (tenant, source);
CREATE INDEX documents_by_content ON documents (tenant, sha256);
CREATE INDEX points_by_document ON points (doc_id, to_seq);
CREATE INDEX points_by_survivor ON points (survivor, to_seq);
CREATE INDEX survivors_by_text ON survivors (tenant, text_digest);
CREATE INDEX bands_by_chunk ON bands (chunk_id);
CREATE INDEX vectors_by_pack ON vectors (pack);
CREATE INDEX files_by_top ON files (tenant, source, top);
CREATE INDEX documents_by_top ON documents (tenant, source, top);
CREATE INDEX artifacts_by_digest ON artifacts (stage, digest);
COMMIT;
