// SPDX-License-Identifier: MIT
/*
 * How an event is told: its token, and the columns of what the token does not say.
 */
#ifndef COMMON_TOKEN_H
#define COMMON_TOKEN_H

/* How an address is told. */
enum model_way {
	WAY_NONE,
	/* Allocations. */
	WAY_TOP,       /* the block of its size class that was freed last */
	WAY_UP,	       /* the one freed after the one that was taken last from its class */
	WAY_DOWN,      /* the one freed before it */
	WAY_LAST,      /* the block freed last, whatever its size */
	WAY_BUMP,      /* right behind the allocation before */
	WAY_CLASS,     /* right behind the allocation before of this size class */
	WAY_RANK,      /* value: so many below the top of its size class */
	WAY_REFERENCE, /* value: number of a block less that of the last such of the class */
	WAY_FAR,       /* value: sixteenths of the difference to what is behind that of the class */
	WAY_ODD,       /* the same for a difference that is no multiple of 16, and not guessed */
	/* Frees. */
	WAY_RECENT,   /* the newest live block */
	WAY_NEXT,     /* the live block next newer than the one that was freed last */
	WAY_PREVIOUS, /* the one next older */
	WAY_DISTANCE, /* value: number of a live block less that of the one freed last */
	WAY_AGAIN,    /* value: the same for blocks that were thought to be free */
	WAY_OUT,      /* value: sixteenths of the difference to the last address of this way */
	WAY_OUT_ODD,
	WAY_END
};

#define WAYS_ALLOC 10
#define WAYS_FREE (WAY_END - WAY_RECENT)

/* Where the delta of an allocation is found, and its size; how the flags of a free are told. */
enum model_from { FROM_RECENT, FROM_PLACE, FROM_PAIR, FROM_NUMBER, FROM_NEW, FROM_END };
enum model_size { SIZE_GUESSED, SIZE_OF_DELTA, SIZE_TOLD, SIZE_END };
enum model_flags { FLAGS_NONE, FLAGS_RESIZE, FLAGS_TOLD, FLAGS_END };

/* Tokens, one an event. */
enum model_token {
	TOKEN_RECENT, /* all as guessed from the three events before */
	TOKEN_PLACE,  /* all as guessed from the last delta and the number of frees since */
	TOKEN_ALLOC,
	TOKEN_FREE = TOKEN_ALLOC + WAYS_ALLOC * FROM_END * SIZE_END,
	TOKEN_RARE = TOKEN_FREE + WAYS_FREE * FLAGS_END,
};

enum codec_column {
	COLUMN_TOKENS,
	COLUMN_DELTAS,
	COLUMN_SIZES,
	COLUMN_RANKS,
	COLUMN_DISTANCES,
	COLUMN_REFERENCES, /* of split numbers, and so the others that have a second column */
	COLUMN_REFERENCES_REST,
	COLUMN_FARS,
	COLUMN_FARS_REST,
	COLUMN_OUTS,
	COLUMN_OUTS_REST,
	COLUMN_POPPED,
	COLUMN_PUSHED,
	COLUMN_CALLEES,
	COLUMN_FRAMES,
	COLUMN_FRAMES_REST,
	COLUMN_RARE,
	COLUMN_STAMPS,
	COLUMN_STAMPS_REST,
	COLUMN_END
};

#endif
