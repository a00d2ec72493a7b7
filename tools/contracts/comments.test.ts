import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { COMMENTS } from '@gatehouse/contracts/gen/comments.ts';
import { commentsOf } from './comments.ts';

test('a comment is found by the full name of what it stands above', () => {
  const file = create(FileDescriptorProtoSchema, {
    package: 'gatehouse.shelf.v1',
    messageType: [
      {
        name: 'Shelf',
        field: [{ name: 'width' }, { name: 'label' }],
        nestedType: [{ name: 'Row' }],
        enumType: [{ name: 'Kind', value: [{ name: 'OPEN' }] }],
      },
    ],
    service: [{ name: 'ShelfService', method: [{ name: 'Get' }, { name: 'Put' }] }],
    sourceCodeInfo: {
      location: [
        { path: [4, 0, 2, 1], leadingComments: ' What is\n written on it.\n' },
        { path: [4, 0, 3, 0], leadingComments: ' One row.\n' },
        { path: [4, 0, 4, 0, 2, 0], leadingComments: ' No shelves.\n' },
        { path: [6, 0, 2, 1], leadingComments: ' Puts it back.\n' },
        { path: [2], leadingComments: ' Of the file.\n' },
      ],
    },
  });
  assert.deepEqual(commentsOf(file), [
    ['gatehouse.shelf.v1', 'Of the file.'],
    ['gatehouse.shelf.v1.Shelf.label', 'What is written on it.'],
    ['gatehouse.shelf.v1.Shelf.Row', 'One row.'],
    ['gatehouse.shelf.v1.Shelf.Kind.OPEN', 'No shelves.'],
    ['gatehouse.shelf.v1.ShelfService.Put', 'Puts it back.'],
  ]);
});

test('every method of the platform says what it does', () => {
  assert.match(COMMENTS['gatehouse.board.v1.BoardService.CreatePost'] ?? '', /^Publishes a post/);
});
