#include "textflag.h"

DATA ·step<>+0(SB)/8, $8
GLOBL ·step<>(SB), RODATA|NOPTR, $8

// func sum(words []uint64) uint64
TEXT ·sum(SB), NOSPLIT, $0-32
	MOVQ words_base+0(FP), SI
	MOVQ words_len+8(FP), CX
	MOVQ ·step<>(SB), DX
	XORQ AX, AX
loop:
	TESTQ CX, CX
	JZ   done
	ADDQ (SI), AX
	ADDQ DX, SI
	DECQ CX
	JMP  loop
done:
	MOVQ AX, ret+24(FP)
	RET
