#include "textflag.h"

// func sum(words []uint64) uint64
TEXT ·sum(SB), NOSPLIT, $0-32
	MOVD words_base+0(FP), R1
	MOVD words_len+8(FP), R2
	MOVD ZR, R0
loop:
	CBZ  R2, done
	MOVD.P 8(R1), R3
	ADD  R3, R0
	SUB  $1, R2
	B    loop
done:
	MOVD R0, ret+24(FP)
	RET
