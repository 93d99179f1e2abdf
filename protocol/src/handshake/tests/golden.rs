//! The handshake and the first record of both suites, byte for byte: two
//! versions of this crate that differ here do not understand each other.

use super::*;
use crate::keys::tests::hex;

/// m1 to m5, the check words, and the first records of advisor and customer.
struct Golden {
    need_modern: bool,
    messages: [&'static str; 5],
    check_words: [u8; 4],
    advisor_record: &'static str,
    customer_record: &'static str,
}

#[test]
fn the_transcript_is_fixed() {
    for golden in GOLDEN {
        let offer = Offer { need_modern: golden.need_modern, ..Offer::default() };
        let pair = Setup { advisor_offer: offer, ..Setup::default() }.run(|_, _| {}).ok().unwrap();
        assert_eq!(pair.messages.each_ref().map(|message| hex(message)), golden.messages);
        assert_eq!(pair.advisor.check_words.places(), golden.check_words);
        for (side, expected) in [(pair.advisor, golden.advisor_record), (pair.customer, golden.customer_record)] {
            let (mut sealer, _) = side.keys.into_channel(side.suite);
            let mut record = Vec::new();
            let mut take = |bytes: &[u8]| record.extend_from_slice(bytes);
            sealer.seal_message(Stream::Control, b"golden", Moment::default(), &mut take).unwrap();
            assert_eq!(hex(&record), expected, "{}", side.suite);
        }
    }
}

const GOLDEN: [Golden; 2] = [
    Golden {
        need_modern: false,
        messages: [
            "0101000200010002c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463acbf076d4\
         9c4da1a17bc3772a8d646d68fbc318f9b6531e47363b165b683c07480b4d757374657220476d62480d416e6e\
         6120426569737069656cfb12ddfb07d0fb45251eac47d73ac1a1e0495f6653720019c909f6e839055df254c3\
         b3d04c4f8a2918cec086e483b1511d67fea13cdd4f9ad8e204f77c8b985d5404a2d4df01",
            "02010002000100021c53bc589e61807b8db3f8e040c1e7da3fc471c93b70e87c31756a4bbe7544d01b11a733\
         de740bf8858abc6c0e9c00417f634c5518ee9d657f79a4f3b3eb474caab5da05dd77637e7a127fd3c074f0a5\
         231e7c3768f23dc49d19301ef92f9c08",
            "0300019415db8f171ff85e58327391072dda8f8c7bb95327d47505c9bb3c96ce57db54",
            "0473c12d464b596ac58687d0bf7833fee6de1b9a0dec56f5350f994eb9aeabee13",
            "05ebec1c21dadd2b740e8330d2c0d5dfd3df3526bf6c3ab13cb5628b1bffb29300",
        ],
        check_words: [35, 62, 154, 180],
        advisor_record: "0000000000406a1e6e420a97476a343535691cea2eb20e654bb0ab865e112a3247ddbc90dac2e0a436d62577\
         2791bbc46c065f088fa20d12f7924f3febfb7daee45096ddc01da234b7e7a38121cd5bb708d70cec461958b7\
         323cdd5bf5e8746fb3955e3e4c12",
        customer_record: "0000000000401de14a1ced81789090754600405b73e81b04d67d05946c6693f64070b6e5c5177e783002c306\
         2e427708c4bbd6206365e74f0fc93a33d94c83ab495ea5691019f7257c54fc3f2088311a145ed989be7684d9\
         f2bdc40b8a3fbfeb5fcc0ca080ae",
    },
    Golden {
        need_modern: true,
        messages: [
            "0101010200010002c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463acbf076d4\
         9c4da1a17bc3772a8d646d68fbc318f9b6531e47363b165b683c07480b4d757374657220476d62480d416e6e\
         6120426569737069656cfb12ddfb07d0fb45251eac47d73ac1a1e0495f6653720019c909f6e839055df254c3\
         b3d04c4f8a2918cec086e483b1511d67fea13cdd4f9ad8e204f77c8b985d5404a2d4df01",
            "02010002000100021c53bc589e61807b8db3f8e040c1e7da3fc471c93b70e87c31756a4bbe7544d01b11a733\
         de740bf8858abc6c0e9c00417f634c5518ee9d657f79a4f3b3eb474cea94bcff3572224146014ad329245618\
         30f63697dc88582adf48b476b41e1976",
            "030002fa9d425f254d662c4fdc861cefb8bc9e2a77d9cd50c9db279fabf6fa332edb09",
            "04a93b641dcb373d5ae76debf4705b96e51b08ac92b9ddb975c549c3a18d36fc1a",
            "057fbcee680b70e534dba8ecd50a0c769aa5a10d7e1f2d3fc845693ef4bf4e8d03",
        ],
        check_words: [169, 81, 76, 165],
        advisor_record: "0000000000402eb579044bdd527ae924621449a2d5e9db09cad82ba52be5fd2b26ef7c8b22c27109b1c62aaf\
         457c469125a0301bc5b23723ec835cd486a688a25eac95e34b8ce8e84a89ba646e6b5604d8c5eaa494de",
        customer_record: "000000000040c1ae27bd192f3648ba5c7188cca40228917fadd474d296178c3346113000540665132378e535\
         f0ea045e130844f5118951a20b60af112e3c468d16de5432cace1f18b0789e029ac4db5df40dc233bda9",
    },
];
